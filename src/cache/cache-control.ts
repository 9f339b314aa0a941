/** Directives by name in lower case; null = without an argument. */
export type Directives = ReadonlyMap<string, string | null>;

/** Largest number of seconds anybody means: 2^31 (RFC 9111 §1.2.2). */
export const secondsMax = 2_147_483_648;

/**
 * Reads Cache-Control (RFC 9111 §5.2). Lenient where nothing is risked: case, order, quotes around an argument, directives that
 * nobody knows. Safe where it is: of several ages the smallest counts, and one that cannot be read counts as 0.
 */
export function readCacheControl(lines: readonly string[]): Directives {
  const directives = new Map<string, string | null>();
  for (const line of lines) {
    for (const member of members(line)) {
      if (member === '') continue;
      const [, name, , quoted, token] = directive.exec(member) ?? [];
      if (name === undefined) {
        // `max-age =60`: whoever wrote it meant something, and nobody knows what.
        const meant = /^[^\s=]+/.exec(member)?.[0].toLowerCase();
        if (meant !== undefined) directives.set(meant, '');
        continue;
      }
      const key = name.toLowerCase();
      const value = quoted === undefined ? (token ?? null) : quoted.replace(/\\(.)/g, '$1');
      directives.set(key, directives.has(key) ? stricter(key, directives.get(key) ?? null, value) : value);
    }
  }
  return directives;
}

/** Whole seconds of a directive; undefined where it is absent, 0 where it cannot be read. */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const value = directives.get(name);
  if (value === undefined) return undefined;
  return readSeconds(value) ?? 0;
}

/** Fields that `no-cache="a, b"` or `private="a, b"` names, in lower case; empty = the directive is about the whole answer, or absent. */
export function fieldsOf(directives: Directives, name: string): readonly string[] {
  const value = directives.get(name);
  if (value === undefined || value === null) return [];
  return value
    .toLowerCase()
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '');
}

/** The directive is there and is about the whole answer. */
export function isUnqualified(directives: Directives, name: string): boolean {
  return directives.has(name) && fieldsOf(directives, name).length === 0;
}

/** Delta-seconds (RFC 9111 §1.2.2), no more than 2^31; null for anything else. */
export function readSeconds(text: string | null): number | null {
  return text !== null && /^\d{1,20}$/.test(text) ? Math.min(Number(text), secondsMax) : null;
}

const directive = /^([!#$%&'*+.^_`|~0-9a-z-]+)(=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?$/i;

/** Of a directive that came twice. */
function stricter(name: string, before: string | null, value: string | null): string | null {
  if (name === 'no-cache' || name === 'private') {
    if (!before || !value) return null;
    return `${before},${value}`;
  }
  return (readSeconds(before) ?? 0) <= (readSeconds(value) ?? 0) ? before : value;
}

/** The members of a list, parted by commas outside quotes. A quote that is never closed takes the rest of the line with it. */
function* members(line: string): Iterable<string> {
  let from = 0;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const character = line[i];
    if (quoted && character === '\\') i++;
    else if (character === '"') quoted = !quoted;
    else if (character === ',' && !quoted) {
      yield line.slice(from, i).trim();
      from = i + 1;
    }
  }
  yield line.slice(from).trim();
}
