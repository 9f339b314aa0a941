import type { FieldSet } from './field-names.ts';
import type { HeaderBlock } from './header-block.ts';

/**
 * A header section: names and values in the order, case and number in which they came.
 *
 * An interface, because each engine keeps headers in the shape that is cheapest for it; steps and policies see only this.
 * Names are compared without case (RFC 9110 §5.1), so callers pass them in any case; lower case is the fastest.
 */
export interface HeaderList {
  /** Number of field lines. */
  readonly size: number;
  /** The first value of that name. */
  get(name: string): string | undefined;
  /** The value of that name if exactly one line has it. */
  only(name: string): string | undefined;
  /** Every value of that name, in order. */
  all(name: string): string[];
  has(name: string): boolean;
  /** One line of that name: replaces the first in place, drops the rest, or appends. */
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  /** Keeps the lines for which `keep` returns true; `lower` is the name in lower case. */
  filter(keep: (lower: string, value: string, name: string) => boolean): void;
  /** Like `filter`, but asks only about names of the set. */
  filterIn(set: FieldSet, keep: (lower: string, value: string, name: string) => boolean): void;
  /** False = certainly no line has a name of the set. */
  mayHave(set: FieldSet): boolean;
  /** Drops every line whose name is in the set. */
  drop(set: FieldSet): void;
  /** Appends lines that were put together before. */
  appendBlock(block: HeaderBlock): void;
  /** `[name, value, name, value, …]`, as node:http takes raw headers. A copy. */
  flat(): string[];
  clone(): HeaderList;
}

/** A header section over node's `rawHeaders` shape: one flat array. */
export class FlatHeaderList implements HeaderList {
  #flat: string[];

  /** @param flat `[name, value, …]`; taken over, not copied. */
  constructor(flat: string[] = []) {
    this.#flat = flat;
  }

  static of(fields: Readonly<Record<string, string>>): FlatHeaderList {
    return new FlatHeaderList(Object.entries(fields).flat());
  }

  get size(): number {
    return this.#flat.length / 2;
  }

  #indexOf(name: string, from = 0): number {
    const flat = this.#flat;
    const lower = name.toLowerCase();
    for (let i = from; i < flat.length; i += 2) {
      const candidate = flat[i] as string;
      if (candidate.length === lower.length && (candidate === lower || candidate.toLowerCase() === lower)) return i;
    }
    return -1;
  }

  get(name: string): string | undefined {
    const at = this.#indexOf(name);
    return at < 0 ? undefined : this.#flat[at + 1];
  }

  only(name: string): string | undefined {
    const at = this.#indexOf(name);
    return at < 0 || this.#indexOf(name, at + 2) >= 0 ? undefined : this.#flat[at + 1];
  }

  all(name: string): string[] {
    const values: string[] = [];
    for (let at = this.#indexOf(name); at >= 0; at = this.#indexOf(name, at + 2))
      values.push(this.#flat[at + 1] as string);
    return values;
  }

  has(name: string): boolean {
    return this.#indexOf(name) >= 0;
  }

  set(name: string, value: string): void {
    const at = this.#indexOf(name);
    if (at < 0) {
      this.#flat.push(name, value);
      return;
    }
    this.#flat[at] = name;
    this.#flat[at + 1] = value;
    for (let next = this.#indexOf(name, at + 2); next >= 0; next = this.#indexOf(name, next))
      this.#flat.splice(next, 2);
  }

  append(name: string, value: string): void {
    this.#flat.push(name, value);
  }

  delete(name: string): void {
    for (let at = this.#indexOf(name); at >= 0; at = this.#indexOf(name, at)) this.#flat.splice(at, 2);
  }

  filter(keep: (lower: string, value: string, name: string) => boolean): void {
    const flat = this.#flat;
    let to = 0;
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string;
      const value = flat[i + 1] as string;
      if (!keep(name.toLowerCase(), value, name)) continue;
      flat[to++] = name;
      flat[to++] = value;
    }
    flat.length = to;
  }

  filterIn(set: FieldSet, keep: (lower: string, value: string, name: string) => boolean): void {
    this.filter((lower, value, name) => !set.has(lower) || keep(lower, value, name));
  }

  mayHave(set: FieldSet): boolean {
    const flat = this.#flat;
    for (let i = 0; i < flat.length; i += 2) if (set.has((flat[i] as string).toLowerCase())) return true;
    return false;
  }

  drop(set: FieldSet): void {
    this.filter((lower) => !set.has(lower));
  }

  appendBlock(block: HeaderBlock): void {
    this.#flat.push(...block.fields);
  }

  flat(): string[] {
    return this.#flat.slice();
  }

  clone(): HeaderList {
    return new FlatHeaderList(this.#flat.slice());
  }
}
