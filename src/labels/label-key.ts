import { nearKey } from './near-key.ts';
import type { OptionKey } from './options.ts';
import { guardOf, isOptionKey } from './table.ts';
import { didYouMean, type Fault } from './value-reading.ts';

/** What the key of a label says. */
export type LabelKey =
  /** `route` '' = base. `header` is the name in `proxy.header.<Name>`, as written, else ''. */
  | { readonly kind: 'option'; readonly route: string; readonly key: OptionKey; readonly header: string }
  | {
      readonly kind: 'unknown';
      readonly fault: Fault;
      /** The option it is likely meant to be. */
      readonly option: OptionKey | null;
      /** The protection that its author plainly meant: it fails closed. */
      readonly guards: OptionKey | null;
      /** The route that was meant; null = cannot be said, so all of them. */
      readonly route: string | null;
    };

/** Words that may become options, or that would mislead as the name of a route. */
export const reservedWords: ReadonlySet<string> = new Set(
  (
    'admin all any base canary default fallback geo group https ip name pool profile rate route routes ' +
    'service status target version www'
  ).split(' '),
);

const routeName = /^[a-z0-9][a-z0-9-]*$/;

/** Whether a label is ours: `proxy`, `proxy.…`, in any case. */
export function isProxyLabel(key: string): boolean {
  return /^\s*proxy\s*(\.|$)/i.test(key);
}

/**
 * Reads `proxy.<option>` and `proxy.<name>.<option>`.
 * @param written the whole key, trimmed
 * @param routes names of routes that other labels configure: they help to tell a typo in a name from one in an option
 * @param value for suggestions; '' where it must not be repeated
 */
export function readLabelKey(written: string, routes: ReadonlySet<string>, value = ''): LabelKey {
  const rest = written.replace(/^proxy\s*\.?/i, '');
  if (rest === '')
    return unknownKey({
      expected: 'an option after `proxy.`, such as proxy.host=app.example.com',
      suggestion: value === '' ? '' : didYouMean(`proxy.host=${value}`),
    });
  const direct = readOption(rest);
  if (direct !== null) return { kind: 'option', route: '', ...direct };
  const dot = rest.indexOf('.');
  const head = (dot < 0 ? rest : rest.slice(0, dot)).toLowerCase();
  const tail = dot < 0 ? '' : rest.slice(dot + 1);
  const named = readOption(tail);
  if (named === null) return misspelt(rest, routes);
  if (isOptionKey(head)) return optionAsName(head, tail, named.key, value);
  if (reservedWords.has(head))
    return refusedName(named.key, {
      expected: `route name \`${head}\` is reserved`,
      suggestion: didYouMean(`proxy.my-${head}.${tail}`),
    });
  if (!routeName.test(head) || head.length > 63) {
    const mended = head
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 63);
    return refusedName(named.key, {
      expected: 'a route name of letters, digits and -, at most 63 long',
      suggestion: mended === '' ? '' : didYouMean(`proxy.${mended}.${tail}`),
    });
  }
  return { kind: 'option', route: head, ...named };
}

function readOption(text: string): { readonly key: OptionKey; readonly header: string } | null {
  const header = /^(header|reqheader)\.(.+)$/is.exec(text);
  if (header !== null) return { key: header[1]?.toLowerCase() as OptionKey, header: header[2] as string };
  const lower = text.toLowerCase();
  return isOptionKey(lower) && lower !== 'header' && lower !== 'reqheader' ? { key: lower, header: '' } : null;
}

/** `proxy.cache.host`: an option's word where a name should be. */
function optionAsName(head: OptionKey, tail: string, key: OptionKey, value: string): LabelKey {
  const fault = {
    expected: `route name \`${head}\` is reserved`,
    suggestion: `${didYouMean(healthMend(head, key, value) ?? `proxy.${tail}`)} A route of its own needs another name, such as \`proxy.my-${head}.${tail}\``,
  };
  // Which of the two words was meant cannot be said, so whichever protects counts.
  return { kind: 'unknown', fault, option: null, guards: guardOf(head) ?? guardOf(key), route: null };
}

function healthMend(head: OptionKey, key: OptionKey, value: string): string | null {
  if (head !== 'health') return null;
  if (key === 'path') return `proxy.health=${value.startsWith('/') ? value : `/${value || 'up'}`}`;
  return key === 'port' ? `proxy.health=:${value || '8080'}/` : null;
}

/** Its labels configure no route: what they should protect is served by another, so all of them close. */
function refusedName(key: OptionKey, fault: Fault): LabelKey {
  return { kind: 'unknown', fault, option: null, guards: guardOf(key), route: null };
}

function misspelt(rest: string, routes: ReadonlySet<string>): LabelKey {
  const near = nearKey(rest, routes);
  const lower = rest.toLowerCase();
  if (lower === 'header' || lower === 'reqheader' || /^(req)?header\.$/.test(lower)) {
    return unknownKey({ expected: 'the name of a header after it, such as proxy.header.X-Robots-Tag=noindex' });
  }
  const fault = {
    expected: 'a known option (see docs/labels.md)',
    suggestion: near.text === '' ? '' : didYouMean(`proxy.${near.text}`),
  };
  return { kind: 'unknown', fault, option: near.option, guards: near.guards, route: near.route };
}

function unknownKey(fault: Fault): LabelKey {
  return { kind: 'unknown', fault, option: null, guards: null, route: '' };
}
