import { dollar } from './translation.ts';

/** Requests that a rule takes: all of it must hold. */
export interface RuleCase {
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
  readonly match: readonly string[];
}

/** A rule that cannot be written as hosts, paths and predicates; the message says what of it. */
export class UnmappedRule extends Error {}

interface Matcher {
  readonly name: string;
  readonly args: readonly string[];
}

/** Of one rule; and and or multiply. */
const casesMax = 64;

/**
 * Reads a rule of Traefik 2 or 3: matchers with `&&`, `||` and parentheses.
 * @returns one case where hosts or paths are listed, several where the alternatives differ in more.
 * @throws UnmappedRule
 */
export function readRule(text: string): RuleCase[] {
  const reader = new RuleReader(text);
  const cases = reader.read().map(caseOf);
  const byPath = united(cases, ({ paths, match }) => [paths, match], 'hosts');
  const byHost = united(byPath, ({ hosts, match }) => [hosts, match], 'paths');
  return united(
    byHost,
    ({ hosts, paths }) => [hosts, paths],
    'match',
    (match) => match.length === 1 && isMethod(match[0]),
  );
}

class RuleReader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = text.match(/`[^`]*`|"[^"]*"|'[^']*'|&&|\|\||[!(),]|[A-Za-z]+|\S/g) ?? [];
  }

  /** As alternatives, in each of which all matchers must hold. */
  read(): Matcher[][] {
    const alternatives = this.#or();
    if (this.#at < this.#tokens.length) throw new UnmappedRule(`\`${this.#tokens[this.#at]}\` is not understood`);
    return alternatives;
  }

  #or(): Matcher[][] {
    const alternatives = this.#and();
    while (this.#take('||')) alternatives.push(...this.#and());
    if (alternatives.length > casesMax) throw new UnmappedRule('it has too many alternatives');
    return alternatives;
  }

  #and(): Matcher[][] {
    let alternatives = this.#one();
    while (this.#take('&&')) {
      const right = this.#one();
      alternatives = alternatives.flatMap((left) => right.map((more) => [...left, ...more]));
      if (alternatives.length > casesMax) throw new UnmappedRule('it has too many alternatives');
    }
    return alternatives;
  }

  #one(): Matcher[][] {
    if (this.#take('!')) throw new UnmappedRule('`!` has no label');
    if (this.#take('(')) {
      const inner = this.#or();
      this.#expect(')');
      return inner;
    }
    const name = this.#tokens[this.#at++] ?? '';
    if (!/^[A-Za-z]+$/.test(name)) throw new UnmappedRule(`\`${name}\` is not understood`);
    this.#expect('(');
    const args: string[] = [];
    while (!this.#take(')')) {
      const token = this.#tokens[this.#at++] ?? '';
      if (token === '' || !/^[`"']/.test(token)) throw new UnmappedRule(`the arguments of ${name} are not understood`);
      args.push(token.slice(1, -1));
      this.#take(',');
    }
    return [[{ name, args }]];
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #expect(token: string): void {
    if (!this.#take(token)) throw new UnmappedRule(`\`${token}\` is missing`);
  }
}

function caseOf(matchers: readonly Matcher[]): RuleCase {
  const parts = { hosts: [] as string[][], paths: [] as string[][], match: [] as string[] };
  for (const { name, args } of matchers) readMatcher(name, args, parts);
  if (parts.hosts.length > 1) throw new UnmappedRule('two conditions on the host of one request');
  if (parts.paths.length > 1) throw new UnmappedRule('two conditions on the path of one request');
  return { hosts: parts.hosts[0] ?? [], paths: parts.paths[0] ?? [], match: parts.match };
}

function readMatcher(
  name: string,
  args: readonly string[],
  parts: { hosts: string[][]; paths: string[][]; match: string[] },
): void {
  const [first = '', second] = args;
  switch (name.toLowerCase()) {
    case 'host':
    case 'hostheader':
      return void parts.hosts.push([...args]);
    case 'hostregexp':
      return void parts.hosts.push(args.map((host) => `~${hostRegex(host)}`));
    case 'path':
      return void parts.paths.push(
        args.map((path) => (path.includes('{') ? `~^${pathRegex(path)}${dollar}` : `=${path}`)),
      );
    case 'pathprefix':
      return void parts.paths.push(args.map((path) => (path.includes('{') ? `~^${pathRegex(path)}` : path)));
    case 'pathregexp':
      return void parts.paths.push(args.map((path) => `~${asJavaScript(path)}`));
    case 'method':
      return void parts.match.push(`method=${args.join(',')}`);
    case 'clientip':
      return void parts.match.push(`ip=${args.join(',')}`);
    case 'header':
    case 'headers':
      return void parts.match.push(word(`header:${first}`, second));
    case 'query': {
      // Traefik 2 has `name=value` in one.
      const [, key = first, value = second] = /^([^=]+)=(.*)$/.exec(first) ?? [];
      return void parts.match.push(word(`query:${key}`, value));
    }
    default:
      throw new UnmappedRule(`${name} has no label`);
  }
}

function word(key: string, value: string | undefined): string {
  if (value === undefined) return key;
  return /[\s"']/.test(value) ? `${key}="${value}"` : `${key}=${value}`;
}

/** Traefik 2 has names and regexes in braces: `{sub:[a-z]+}.example.com`. */
function hostRegex(text: string): string {
  const braces = /\{[a-z0-9_-]+(?::[^{}]*(?:\{[0-9,]+\}[^{}]*)*)?\}/gi;
  if (!/\{[a-z_]/i.test(text.replaceAll(`${dollar}{`, ''))) return asJavaScript(text);
  return `^${withBraces(text, braces, '[^.]+')}${dollar}`;
}

function pathRegex(text: string): string {
  return withBraces(text, /\{[a-z0-9_-]+(?::[^{}]*(?:\{[0-9,]+\}[^{}]*)*)?\}/gi, '[^/]+');
}

function withBraces(text: string, braces: RegExp, any: string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(braces)) {
    const source = /^\{[^:]*:(.*)\}$/.exec(match[0])?.[1] ?? any;
    result += `${literal(text.slice(end, match.index))}(?:${asJavaScript(source)})`;
    end = match.index + match[0].length;
  }
  return result + literal(text.slice(end));
}

function literal(text: string): string {
  return text.replace(/[.+?^()|[\]\\*]/g, '\\$&');
}

/** Go writes named groups and `(?i)` in another way. */
export function asJavaScript(source: string): string {
  return source.replaceAll('(?P<', '(?<').replace(/^\(\?i\)(.*)$/s, '(?i:$1)');
}

function isMethod(text: string | undefined): boolean {
  return text?.startsWith('method=') === true;
}

/** Cases that are alike but for one part become one. */
function united(
  cases: readonly RuleCase[],
  alike: (one: RuleCase) => unknown,
  part: keyof RuleCase,
  allowed: (items: readonly string[]) => boolean = (items) => items.length > 0,
): RuleCase[] {
  const byKey = new Map<string, RuleCase>();
  for (const one of cases) {
    const key = allowed(one[part]) ? JSON.stringify(alike(one)) : JSON.stringify([one, 'alone']);
    const before = byKey.get(key);
    if (before === undefined) byKey.set(key, one);
    else {
      const both = [...new Set([...before[part], ...one[part]])];
      const methods = `method=${both.map((text) => text.replace('method=', '')).join(',')}`;
      byKey.set(key, { ...before, [part]: part === 'match' ? [methods] : both });
    }
  }
  return [...byKey.values()];
}
