import { FlatHeaderList, type HeaderList } from '../../http/header-list.ts';
import { type FieldLines, lineStride } from './field-lines.ts';

/**
 * A header section that is still the text it came as. Lines can be dropped and added without touching the others, and what
 * is left is written as a few slices of the text; any other change turns it into a flat list first.
 */
export class LineHeaderList implements HeaderList {
  readonly #text: string;
  readonly #padded: boolean;
  /** As in `FieldLines`, of the lines that are left. */
  #offsets: number[];
  #added: string[] = [];
  #flat: FlatHeaderList | null = null;

  constructor({ text, offsets, padded }: FieldLines) {
    this.#text = text;
    this.#padded = padded;
    this.#offsets = offsets;
  }

  get size(): number {
    return this.#flat?.size ?? this.#offsets.length / lineStride + this.#added.length / 2;
  }

  get(name: string): string | undefined {
    if (this.#flat !== null) return this.#flat.get(name);
    const at = this.#find(name, 0);
    if (at >= 0) return this.#value(at);
    const added = this.#findAdded(name);
    return added < 0 ? undefined : this.#added[added + 1];
  }

  all(name: string): string[] {
    if (this.#flat !== null) return this.#flat.all(name);
    const values: string[] = [];
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + lineStride)) values.push(this.#value(at));
    for (let i = 0; i < this.#added.length; i += 2) {
      if (sameName(this.#added[i] as string, name)) values.push(this.#added[i + 1] as string);
    }
    return values;
  }

  has(name: string): boolean {
    if (this.#flat !== null) return this.#flat.has(name);
    return this.#find(name, 0) >= 0 || this.#findAdded(name) >= 0;
  }

  set(name: string, value: string): void {
    if (this.#flat === null && !this.has(name)) this.#added.push(name, value);
    else this.#toFlat().set(name, value);
  }

  append(name: string, value: string): void {
    if (this.#flat !== null) this.#flat.append(name, value);
    else this.#added.push(name, value);
  }

  delete(name: string): void {
    if (this.#flat !== null) {
      this.#flat.delete(name);
      return;
    }
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at)) this.#offsets.splice(at, lineStride);
    for (let at = this.#findAdded(name); at >= 0; at = this.#findAdded(name)) this.#added.splice(at, 2);
  }

  filter(keep: (lower: string, value: string, name: string) => boolean): void {
    this.#filter(keep, false);
  }

  filterSpecial(keep: (lower: string, value: string, name: string) => boolean): void {
    this.#filter(keep, true);
  }

  #filter(keep: (lower: string, value: string, name: string) => boolean, onlySpecial: boolean): void {
    if (this.#flat !== null || this.#added.length > 0) {
      this.#toFlat().filter(keep);
      return;
    }
    const offsets = this.#offsets;
    let to = 0;
    for (let at = 0; at < offsets.length; at += lineStride) {
      if (!onlySpecial || offsets[at + 4] === 1) {
        const name = this.#text.slice(offsets[at], offsets[at + 1]);
        if (!keep(name.toLowerCase(), this.#value(at), name)) continue;
      }
      if (to !== at) offsets.copyWithin(to, at, at + lineStride);
      to += lineStride;
    }
    offsets.length = to;
  }

  flat(): string[] {
    if (this.#flat !== null) return this.#flat.flat();
    const flat: string[] = [];
    const offsets = this.#offsets;
    for (let at = 0; at < offsets.length; at += lineStride)
      flat.push(this.#text.slice(offsets[at], offsets[at + 1]), this.#value(at));
    return flat.concat(this.#added);
  }

  /** `[name, value, …]` of what does not stand in the text. */
  get added(): readonly string[] {
    return this.#flat?.flat() ?? this.#added;
  }

  /** What is left of the text, each line with its CRLF, in as few slices as possible. */
  text(): string {
    // White space that parsers are known to differ about is not passed on.
    if (this.#padded) this.#toFlat();
    return this.#flat === null ? this.#slices() : '';
  }

  /** A line ends with its CRLF, two or more characters behind its value; the next kept line begins there if none was dropped between. */
  #slices(): string {
    const offsets = this.#offsets;
    let text = '';
    let from = -1;
    let to = -1;
    for (let at = 0; at < offsets.length; at += lineStride) {
      const start = offsets[at] as number;
      if (start !== to) {
        if (to > from) text += this.#text.slice(from, to);
        from = start;
      }
      to = this.#text.indexOf('\n', offsets[at + 3]) + 1;
    }
    return to > from ? text + this.#text.slice(from, to) : text;
  }

  clone(): HeaderList {
    return new FlatHeaderList(this.flat());
  }

  #value(at: number): string {
    return this.#text.slice(this.#offsets[at + 2], this.#offsets[at + 3]);
  }

  #toFlat(): FlatHeaderList {
    this.#flat ??= new FlatHeaderList(this.flat());
    return this.#flat;
  }

  #find(name: string, from: number): number {
    const offsets = this.#offsets;
    const length = name.length;
    const first = name.charCodeAt(0) | 0x20;
    for (let at = from; at < offsets.length; at += lineStride) {
      const start = offsets[at] as number;
      if ((offsets[at + 1] as number) - start !== length || (this.#text.charCodeAt(start) | 0x20) !== first) continue;
      if (sameName(this.#text.slice(start, start + length), name)) return at;
    }
    return -1;
  }

  #findAdded(name: string): number {
    for (let i = 0; i < this.#added.length; i += 2) if (sameName(this.#added[i] as string, name)) return i;
    return -1;
  }
}

function sameName(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase());
}
