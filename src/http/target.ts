/** A request target in origin-form, read once. */
export interface Target {
  /** The path as sent. */
  readonly path: string;
  /** What follows the first `?`, as sent; '' when there is none. */
  readonly query: string;
  /**
   * The path on which routes are matched: percent-encoded unreserved characters decoded and the other encodings in upper
   * case (RFC 3986 §6.2.2), runs of `/` merged, dot segments resolved. An encoded slash stays `%2F`. Begins with `/`,
   * but for `OPTIONS *`, where it is `*`.
   */
  readonly normalised: string;
}

/**
 * Reads the target of a request; null (→ 400) for whatever a backend could read differently from us: a `..` above the root,
 * broken percent-encoding or an encoded NUL in the path, a backslash in it, and raw control characters, spaces, `#` or
 * bytes beyond ASCII anywhere. A query may hold every other character: browsers send `?q=100%` and `?a=\` as they are.
 */
export function readTarget(target: string): Target | null {
  if (target === '*') return asterisk;
  if (target.charCodeAt(0) !== slash) return null;
  let end = -1;
  let plain = true;
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code === hash) return null;
    if (end >= 0) continue;
    if (code === questionMark) end = i;
    else if (code === backslash) return null;
    else if (code === percent) plain = false;
    // Only a slash followed by a slash or a dot can need work.
    else if (code === slash && plain) plain = !isSlashOrDot(target.charCodeAt(i + 1));
  }
  const path = end < 0 ? target : target.slice(0, end);
  const normalised = plain ? path : normalise(path);
  return normalised === null ? null : { path, query: end < 0 ? '' : target.slice(end + 1), normalised };
}

/**
 * Removes a prefix from a target, by whole segments; `prefix` is normalised and has no trailing slash. The rest keeps its
 * spelling where the prefix is literally there, else it is the normalised one; the query is kept byte for byte. A target
 * without that prefix comes back unchanged. The result begins with exactly one `/`: `/api//evil` never becomes `//evil`.
 */
export function stripPrefix(target: string, prefix: string): string {
  const read = readTarget(target);
  if (prefix === '' || read === null || !hasPrefix(read.normalised, prefix)) return target;
  const rest = read.normalised.slice(prefix.length) || '/';
  const query = target.slice(read.path.length);
  if (!hasPrefix(read.path, prefix)) return rest + query;
  const literal = `/${read.path.slice(prefix.length).replace(/^\/+/, '')}`;
  // `/api/../api/x` must not become `/../api/x`: the literal rest counts only if it means the same.
  return (readTarget(literal)?.normalised === rest ? literal : rest) + query;
}

/** Whether `path` is `prefix` or lies below it, by whole segments: `/api` has `/api/x` below it, but not `/api-x`. */
export function hasPrefix(path: string, prefix: string): boolean {
  return path.startsWith(prefix) && (path.length === prefix.length || path.charCodeAt(prefix.length) === slash);
}

const asterisk: Target = { path: '*', query: '', normalised: '*' };

const slash = 0x2f;
const hash = 0x23;
const percent = 0x25;
const questionMark = 0x3f;
const backslash = 0x5c;

function isSlashOrDot(code: number): boolean {
  return code === slash || code === 0x2e;
}

const anyPercent = /%(..?)?/g;

function normalise(path: string): string | null {
  let broken = false;
  const decoded = path.replace(anyPercent, (encoded) => {
    if (/^%[0-9a-f]{2}$/i.test(encoded) && encoded !== '%00') return decodeUnreserved(encoded);
    broken = true;
    return '';
  });
  return broken ? null : resolveSegments(decoded);
}

function decodeUnreserved(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
}

/** Merges slashes before it resolves `..`, as nginx does: `/a//../b` is `/b`. */
function resolveSegments(path: string): string | null {
  const segments = path.split('/');
  const last = segments.at(-1);
  const kept: string[] = [];
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') kept.push(segment);
    else if (kept.pop() === undefined) return null;
  }
  const isDirectory = last === '' || last === '.' || last === '..';
  return kept.length === 0 ? '/' : `/${kept.join('/')}${isDirectory ? '/' : ''}`;
}
