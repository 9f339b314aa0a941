import { splitList } from './list-text.ts';
import type { PathPattern } from './path-pattern.ts';
import { cheaperRegex, globCharsMax, pathCostFaults, regexCharsMax } from './regex-cost.ts';
import { regexFault } from './regex-source.ts';
import { bad, didYouMean, doubtful, type Fault, good, siblingLabel, type ValueReading } from './value-reading.ts';

const expectedPath = 'a path such as /api, =/exact, ~^/v[0-9]+/ or *.{js,css}';

const itemCharsMax = 1_000;

/** Reads `proxy.path` and `proxy.auth.except`: one bad item does not kill the good ones. Without a good one there is no value. */
export function readPathList(text: string, label: string): ValueReading<readonly PathPattern[]> {
  const patterns = new Map<string, PathPattern>();
  const faults: Fault[] = [];
  for (const item of splitList(text)) {
    const reading = item === '' ? emptyItem(text) : readPath(item, label);
    if (reading.value !== undefined) patterns.set(reading.value.text, reading.value);
    for (const fault of reading.faults) faults.push({ ...fault, item });
  }
  return patterns.size === 0 ? { faults } : { value: [...patterns.values()], faults };
}

function emptyItem(text: string): ValueReading<PathPattern> {
  return {
    faults: [
      {
        expected: text === '' ? expectedPath : 'no empty item between the commas',
        severity: text === '' ? 'error' : 'warning',
      },
    ],
  };
}

function readPath(item: string, label: string): ValueReading<PathPattern> {
  if (item.startsWith('~')) {
    const source = item.slice(1);
    const fault = regexFault(source);
    if (fault !== null) return { faults: [fault] };
    return {
      value: { kind: 'regex', text: item, source },
      faults: pathCostFaults(regexCharsMax(source), cheaperRegex),
    };
  }
  if (item.length > itemCharsMax) return bad(`a path of at most ${itemCharsMax} characters`);
  const mistaken = mistakenPath(item, label);
  if (mistaken !== null) return mistaken;
  if (item.startsWith('=')) return readExact(item, label);
  if (/[*{}]/.test(item)) return readGlob(item, label);
  return readPrefix(item, label);
}

/** Things that are no path, but from which one can be taken. */
function mistakenPath(item: string, label: string): ValueReading<PathPattern> | null {
  const rule = /^path(?:prefix|regexp)?\(\s*[`'"]([^`'"]+)/i.exec(item);
  if (rule !== null)
    return bad(`${expectedPath}; rules such as Path(…) are Traefik's`, didYouMean(`${label}=${rule[1]}`));
  const url = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)(.*)$/i.exec(item);
  if (url !== null)
    return bad(
      'a path without scheme and host',
      didYouMean(`${siblingLabel(label, 'host')}=${url[1]}`, `${label}=${url[2] || '/'}`),
    );
  if (/\s/.test(item))
    return bad(
      'paths separated by commas, a space written as %20, such as /api,/files',
      didYouMean(`${label}=${item.split(/\s+/).join(',')}`),
    );
  if (/[\^$|()[\]\\]/.test(item))
    return bad(
      `${expectedPath}; a regex begins with ~`,
      regexFault(item) === null ? didYouMean(`${label}=~${item}`) : '',
    );
  const query = item.search(/[?#]/);
  if (query < 0) return null;
  const wanted =
    item[query] === '?'
      ? [
          `${siblingLabel(label, 'match')}=query:${item
            .slice(query + 1)
            .split('&')
            .join(' query:')}`,
        ]
      : [];
  return bad(
    'a path without a query; that is the business of proxy.match',
    didYouMean(`${label}=${item.slice(0, query) || '/'}`, ...wanted),
  );
}

function readExact(item: string, label: string): ValueReading<PathPattern> {
  const path = item.slice(1).trim();
  if (!path.startsWith('/'))
    return bad('a path that begins with a slash, such as =/exact', didYouMean(`${label}==/${path}`));
  if (/[*{}]/.test(path)) return bad('an exact path without `*` and braces');
  const normal = normalPath(path);
  return normal === null ? unreadable() : good({ kind: 'exact', text: `=${normal}`, path: normal });
}

function readPrefix(item: string, label: string): ValueReading<PathPattern> {
  if (!item.startsWith('/'))
    return bad('a path that begins with a slash, such as /api', didYouMean(`${label}=/${item}`));
  const normal = normalPath(item);
  return normal === null ? unreadable() : good(prefixPattern(normal));
}

function prefixPattern(normal: string): PathPattern {
  const prefix = normal.replace(/\/$/, '');
  return { kind: 'prefix', text: prefix || '/', prefix };
}

function unreadable(): ValueReading<PathPattern> {
  return bad('a path without `.` and `..` segments, and with `%` only before two hex digits (not %00)');
}

/**
 * The form in which paths are compared (as http/target.ts makes it from a request): unreserved characters not
 * percent-encoded, all others encoded in upper case, no double slashes (RFC 3986 §6.2.2).
 */
function normalPath(path: string): string | null {
  if (/%(?![0-9a-f]{2})|%00/i.test(path)) return null;
  const encoded = path.replace(/[^\x21-\x7e]/gu, (char) => encodeURIComponent(char));
  const normal = encoded
    .replace(/%[0-9a-f]{2}/gi, (code) => {
      const char = String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(char) ? char : code.toUpperCase();
    })
    .replace(/\/{2,}/g, '/');
  return /\/\.\.?(\/|$)/.test(normal) ? null : normal;
}

/** `*` is anything within a segment, `**` across segments, `{a,b}` one of them; without a slash, a file name at any depth. */
function readGlob(item: string, label: string): ValueReading<PathPattern> {
  if (item === '*' || item === '/*' || item === '/**')
    return doubtful(prefixPattern('/'), 'simply / for all paths', didYouMean(`${label}=/`));
  const below = /^(\/[^*{}]+)\/\*{1,2}$/.exec(item)?.[1];
  if (below !== undefined) {
    const normal = normalPath(below);
    if (normal === null) return unreadable();
    const pattern = prefixPattern(normal);
    return doubtful(
      pattern,
      `a prefix without \`/*\`: ${pattern.text} covers itself and everything below it`,
      didYouMean(`${label}=${pattern.text}`),
    );
  }
  if (!item.startsWith('/') && item.includes('/'))
    return bad(
      'a pattern that begins with a slash, such as /static/*.png, or a file name, such as *.png',
      didYouMean(`${label}=/${item}`),
    );
  const body = globSource(item);
  if (body === null) return bad('a pattern with every `{` closed, such as *.{js,css}');
  const source = item.startsWith('/') ? `^${body}$` : `^/(?:.*/)?${body}$`;
  return { value: { kind: 'regex', text: item, source }, faults: pathCostFaults(globCharsMax(item)) };
}

function globSource(glob: string): string | null {
  let source = '';
  let depth = 0;
  for (let at = 0; at < glob.length; at++) {
    const char = glob[at] as string;
    if (char === '*' && glob[at + 1] === '*') {
      while (glob[at + 1] === '*') at++;
      source += '.*';
    } else if (char === '*') source += '[^/]*';
    else if (char === '{') {
      depth++;
      source += '(?:';
    } else if (char === '}') {
      if (--depth < 0) return null;
      source += ')';
    } else if (char === ',' && depth > 0) source += '|';
    else source += char.replace(/[.+?^$()|[\]\\/]/, '\\$&');
  }
  return depth === 0 && regexFault(source) === null ? source : null;
}
