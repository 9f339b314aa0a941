import { fc } from '../../support/properties.ts';
import { hostileLines, hostileNumbers, hostileTexts } from './hostile-pieces.ts';

/**
 * What a message is made of, in order: words, separators and line ends, each by itself, so that a mutation can get hold of
 * what parsers stumble over.
 */
export type Tokens = readonly string[];

/** One thing that goes wrong between a writer and a reader. */
export interface Mutation {
  readonly kind: (typeof kinds)[number];
  /** Where, and where to: counted modulo the number of places there are. */
  readonly at: number;
  readonly to: number;
  readonly text: string;
  readonly line: string;
  readonly number: string;
}

const kinds = [
  ...['drop', 'double', 'swap', 'insert', 'replace', 'case', 'truncate', 'number', 'number'],
  ...['line-insert', 'line-insert', 'line-drop', 'line-double', 'line-move'],
  ...['byte-drop', 'byte-insert', 'byte-replace', 'byte-flip'],
] as const;

const place = fc.nat(99_999);

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.constantFrom(...kinds),
  at: place,
  to: place,
  text: fc.constantFrom(...hostileTexts),
  line: fc.constantFrom(...hostileLines),
  number: fc.constantFrom(...hostileNumbers),
});

/** None as often as one, and seldom more: what is broken in many places is refused for the first of them. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Mutation[]>([]) },
  { weight: 5, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }) },
  { weight: 2, arbitrary: fc.array(mutation, { minLength: 2, maxLength: 4 }) },
);

export function mutate(tokens: Tokens, all: readonly Mutation[]): string {
  return all.reduce<Tokens>(apply, tokens).join('');
}

function apply(tokens: Tokens, mutation: Mutation): Tokens {
  const { kind, text, line, number } = mutation;
  if (tokens.length === 0) return [text];
  const [at, to] = [mutation.at % tokens.length, mutation.to % tokens.length];
  const token = tokens[at] as string;
  switch (kind) {
    case 'drop':
      return tokens.toSpliced(at, 1);
    case 'double':
      return tokens.toSpliced(at, 0, token);
    case 'swap':
      return tokens.with(at, tokens[to] as string).with(to, token);
    case 'insert':
      return tokens.toSpliced(at, 0, text);
    case 'replace':
      return tokens.with(at, text);
    case 'case':
      return tokens.with(at, otherCase(token));
    case 'truncate':
      return tokens.slice(0, at + 1);
    case 'number':
      return replaceNumber(tokens, mutation.at, number);
    case 'line-insert':
    case 'line-drop':
    case 'line-double':
    case 'line-move':
      return applyToLine(kind, tokens, mutation, line);
    default:
      return [applyToBytes(kind, tokens.join(''), mutation)];
  }
}

/** Of ASCII only: what is beyond has capitals that are no latin1. */
function otherCase(token: string): string {
  return token.replace(/[a-z]+|[A-Z]+/g, (run) => (run < 'a' ? run.toLowerCase() : run.toUpperCase()));
}

function replaceNumber(tokens: Tokens, at: number, number: string): Tokens {
  const places = tokens.flatMap((token, i) => (/^[0-9a-f]{1,16}$/i.test(token) ? [i] : []));
  return places.length === 0 ? tokens : tokens.with(places[at % places.length] as number, number);
}

function applyToLine(kind: string, tokens: Tokens, { at, to }: Mutation, text: string): Tokens {
  const all = tokens.join('').split('\r\n');
  const i = at % all.length;
  const line = all[i] as string;
  if (kind === 'line-insert') return [all.toSpliced(i, 0, text).join('\r\n')];
  if (kind === 'line-drop') return [all.toSpliced(i, 1).join('\r\n')];
  if (kind === 'line-double') return [all.toSpliced(i, 0, line).join('\r\n')];
  return [
    all
      .toSpliced(i, 1)
      .toSpliced(to % all.length, 0, line)
      .join('\r\n'),
  ];
}

function applyToBytes(kind: string, bytes: string, { at, to, text }: Mutation): string {
  const i = at % Math.max(1, bytes.length);
  const [before, after] = [bytes.slice(0, i), bytes.slice(i + 1)];
  if (kind === 'byte-drop') return before + after;
  if (kind === 'byte-insert') return before + text + bytes.slice(i);
  if (kind === 'byte-replace') return before + text + after;
  return before + String.fromCharCode((bytes.charCodeAt(i) || 0) ^ (1 << (to % 8))) + after;
}

/** Where bytes are cut on their way: nowhere, anywhere, or everywhere. */
export const cuts: fc.Arbitrary<readonly number[] | 'everywhere'> = fc.oneof(
  { weight: 6, arbitrary: fc.array(place, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.array(place, { minLength: 4, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constant('everywhere' as const) },
);

/** Bytes that come one by one are worth it only where they are few. */
const oneByOneMax = 400;

export function cut(bytes: string, at: readonly number[] | 'everywhere'): string[] {
  if (at === 'everywhere') return bytes.length <= oneByOneMax ? [...bytes] : [bytes];
  const places = [...new Set(at.map((place) => place % Math.max(1, bytes.length)))].sort((a, b) => a - b);
  return [0, ...places].map((from, i) => bytes.slice(from, places[i] ?? bytes.length)).filter((part) => part !== '');
}
