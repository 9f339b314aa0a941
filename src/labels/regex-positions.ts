import { atomAt, quantifierAt, repeatsMany } from './regex-syntax.ts';

/** Larger ones are not looked into. A regex has at most 1,000 characters, but `{9}` writes them out. */
const positionsMax = 1_000;
const linksMax = 100_000;

/**
 * The characters of a regex as an automaton (Glushkov's): each place in it where a character is taken, which characters those are,
 * and which place can come next.
 */
export interface Positions {
  /** Bit by bit the printable characters of ASCII that are taken there. */
  readonly sets: readonly bigint[];
  /** With which it may begin; one that may do so in several ways is there as often. */
  readonly first: readonly number[];
  /** Next places, and in how many ways each comes next. */
  readonly follow: readonly ReadonlyMap<number, number>[];
}

/** A part of the regex: whether it takes nothing too, and with which places it begins and ends. */
interface Part {
  readonly nullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const nothing: Part = { nullable: true, first: [], last: [] };

/** @returns null where the regex, which must compile, is too large. */
export function positionsOf(source: string): Positions | null {
  const reader = new Reader(source);
  reader.first = reader.alternatives().first;
  return reader.isTooLarge ? null : reader;
}

class Reader implements Positions {
  readonly sets: bigint[] = [];
  first: readonly number[] = [];
  readonly follow: Map<number, number>[] = [];
  readonly #source: string;
  readonly #flags: string;
  #at = 0;
  #links = 0;

  constructor(source: string) {
    this.#source = source;
    this.#flags = /\(\?[a-z]*i/.test(source) ? 'ui' : 'u';
  }

  get isTooLarge(): boolean {
    return this.sets.length > positionsMax || this.#links > linksMax;
  }

  /** Up to `)` or the end. */
  alternatives(): Part {
    let whole = this.#sequence();
    while (this.#source[this.#at] === '|') {
      this.#at++;
      const next = this.#sequence();
      whole = {
        nullable: whole.nullable || next.nullable,
        first: [...whole.first, ...next.first],
        last: [...whole.last, ...next.last],
      };
    }
    return whole;
  }

  #sequence(): Part {
    let whole = nothing;
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source[this.#at] as string))
      whole = this.#joined(whole, this.#element());
    return whole;
  }

  #element(): Part {
    const start = this.#at;
    const part = this.#once();
    const { min, max, end } = quantifierAt(this.#source, this.#at);
    const isOptional = min === 0;
    if (max >= repeatsMany) {
      this.#link(part.last, part.first);
      this.#at = end;
      return { ...part, nullable: part.nullable || isOptional };
    }
    // Written out: `a{1,3}` is `a(a(a)?)?`, in which no copy is passed by. What is too large already is not made larger.
    let taken = part;
    let nullable = part.nullable || isOptional;
    const last = new Set(min <= 1 ? part.last : []);
    for (let count = 2; count <= max && !this.isTooLarge; count++) {
      this.#at = start;
      taken = this.#joined(taken, this.#once());
      if (count < min) continue;
      if (count === min) nullable = taken.nullable;
      for (const position of taken.last) last.add(position);
    }
    this.#at = end;
    return { nullable, first: taken.first, last: [...last] };
  }

  /** Without its quantifier. */
  #once(): Part {
    const group = /\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z-]*:))?/y;
    group.lastIndex = this.#at;
    const opened = group.exec(this.#source)?.[0];
    if (opened === undefined) return this.#atom();
    this.#at += opened.length;
    const part = this.alternatives();
    this.#at++;
    // A look around takes nothing, but may be ambiguous in itself.
    return /[=!]$/.test(opened) ? nothing : part;
  }

  #atom(): Part {
    const atom = atomAt(this.#source, this.#at);
    this.#at += atom.length;
    if (/^(?:[\^$]|\\[bB])$/.test(atom)) return nothing;
    const position = this.sets.push(setOf(atom, this.#flags)) - 1;
    this.follow.push(new Map());
    return { nullable: false, first: [position], last: [position] };
  }

  #joined(left: Part, right: Part): Part {
    this.#link(left.last, right.first);
    return {
      nullable: left.nullable && right.nullable,
      first: left.nullable ? [...left.first, ...right.first] : left.first,
      last: right.nullable ? [...left.last, ...right.last] : right.last,
    };
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const position of from) {
      this.#links += to.length;
      if (this.isTooLarge) return;
      const next = this.follow[position] as Map<number, number>;
      for (const target of to) next.set(target, (next.get(target) ?? 0) + 1);
    }
  }
}

/** By flags and atom: the same ones stand in most regexes. */
const knownSets = new Map<string, bigint>();
const knownSetsMax = 1_000;

function setOf(atom: string, flags: string): bigint {
  const key = `${flags} ${atom}`;
  let set = knownSets.get(key);
  if (set !== undefined) return set;
  if (knownSets.size >= knownSetsMax) knownSets.clear();
  set = 0n;
  // What an earlier group has taken may be anything.
  const regex = /^\\[1-9k]/.test(atom) ? /^/ : new RegExp(`^${atom}$`, flags);
  for (let code = 0x21; code < 0x7f; code++)
    if (regex.test(String.fromCharCode(code))) set |= 1n << BigInt(code - 0x21);
  knownSets.set(key, set);
  return set;
}
