import type { Directives } from './cache-control.ts';

/**
 * Reads CDN-Cache-Control (RFC 9213): a dictionary of structured fields (RFC 9651 §3.2), which one fault makes void as a whole.
 * Null = absent, empty or void: Cache-Control counts.
 */
export function readTargetedControl(lines: readonly string[]): Directives | null {
  const text = lines.join(',').trim();
  if (text === '') return null;
  const directives = new Map<string, string | null>();
  let rest = text;
  for (;;) {
    const [whole, key = '', value] = member.exec(rest) ?? [];
    if (whole === undefined) return null;
    const argument = readArgument(value);
    if (argument === undefined || (secondsNames.has(key) && !/^\d+$/.test(value ?? ''))) return null;
    // `?0` says that the directive does not hold.
    if (argument === '?0') directives.delete(key);
    else directives.set(key, argument === '?1' ? null : argument);
    rest = rest.slice(whole.length);
    if (rest === '') return directives;
    const comma = /^[ \t]*,[ \t]*/.exec(rest)?.[0];
    if (comma === undefined || comma.length === rest.length) return null;
    rest = rest.slice(comma.length);
  }
}

const secondsNames = new Set(['max-age', 's-maxage', 'stale-while-revalidate', 'stale-if-error']);

const bare = String.raw`-?\d{1,15}|-?\d{1,12}\.\d{1,3}|"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|[A-Za-z*][\w!#$%&'*+.^\x60|~:/-]*|:[A-Za-z0-9+/=]*:|\?[01]`;
const member = new RegExp(
  `^([a-z*][a-z0-9_.*-]*)(?:=(${bare}))?(?: *;[ ]*[a-z*][a-z0-9_.*-]*(?:=(?:${bare}))?)*(?=[ \\t]*(?:,|$))`,
);

/** Undefined = a type that no directive has. */
function readArgument(value: string | undefined): string | null | undefined {
  if (value === undefined) return null;
  if (value.startsWith(':')) return undefined;
  return value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
}
