import { type FieldSet, isOneName, nameNumber } from '../../http/field-names.ts';
import { type HeaderBlock, linesText } from '../../http/header-block.ts';
import { FlatHeaderList, type HeaderList } from '../../http/header-list.ts';
import { type FieldLines, lineStride } from './field-lines.ts';

const none: readonly string[] = [];

/**
 * A header section that is still the text it came as. Lines can be dropped and added without touching the others, and what
 * is left is written as a few slices of the text; any other change turns it into a flat list first.
 */
export class LineHeaderList implements HeaderList {
  readonly #text: string;
  readonly #padded: boolean;
  /** As in `FieldLines`, of the lines that are left. */
  readonly #offsets: number[];
  /** At least the bits of the numbers that are left, in the text or behind it. */
  #present: number;
  /** At least the bits of those that are left on more than one line. */
  #repeated: number;
  /** Lines put together before; they come behind those of the text. */
  #block: HeaderBlock | null = null;
  /** Behind all others. */
  #added: string[] | null = null;
  #flat: FlatHeaderList | null = null;

  constructor({ text, offsets, present, repeated, padded }: FieldLines) {
    this.#text = text;
    this.#padded = padded;
    this.#offsets = offsets;
    this.#present = present;
    this.#repeated = repeated;
  }

  get size(): number {
    return this.#flat?.size ?? this.#offsets.length / lineStride + this.#appended().length / 2;
  }

  get(name: string): string | undefined {
    if (this.#flat !== null) return this.#flat.get(name);
    if (this.#lacks(name)) return undefined;
    const at = this.#find(name, 0);
    return at >= 0 ? this.#value(at) : this.#appendedValue(name);
  }

  only(name: string): string | undefined {
    if (this.#flat !== null) return this.#flat.only(name);
    const number = numberOf(name);
    if (isOneName(number) && (this.#repeated & (1 << number)) === 0) return this.get(name);
    const values = this.all(name);
    return values.length === 1 ? values[0] : undefined;
  }

  all(name: string): string[] {
    if (this.#flat !== null) return this.#flat.all(name);
    const values: string[] = [];
    if (this.#lacks(name)) return values;
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at + lineStride)) values.push(this.#value(at));
    const appended = this.#appended();
    for (let i = 0; i < appended.length; i += 2) {
      if (sameName(appended[i] as string, name)) values.push(appended[i + 1] as string);
    }
    return values;
  }

  has(name: string): boolean {
    if (this.#flat !== null) return this.#flat.has(name);
    return !this.#lacks(name) && (this.#find(name, 0) >= 0 || this.#appendedValue(name) !== undefined);
  }

  set(name: string, value: string): void {
    if (this.#flat === null && !this.has(name)) this.append(name, value);
    else this.#toFlat().set(name, value);
  }

  append(name: string, value: string): void {
    if (this.#flat !== null) {
      this.#flat.append(name, value);
      return;
    }
    const bit = 1 << numberOf(name);
    this.#repeated |= this.#present & bit;
    this.#present |= bit;
    if (this.#added === null) this.#added = [name, value];
    else this.#added.push(name, value);
  }

  appendBlock(block: HeaderBlock): void {
    if (this.#flat !== null || this.#block !== null || this.#added !== null) {
      this.#toFlat().appendBlock(block);
      return;
    }
    this.#repeated |= block.repeated | (this.#present & block.present);
    this.#present |= block.present;
    this.#block = block;
  }

  delete(name: string): void {
    if (this.#flat !== null) {
      this.#flat.delete(name);
      return;
    }
    if (this.#lacks(name)) return;
    for (let at = this.#find(name, 0); at >= 0; at = this.#find(name, at)) this.#offsets.splice(at, lineStride);
    if (this.#appendedValue(name) !== undefined) this.#toFlat().delete(name);
  }

  filter(keep: (lower: string, value: string, name: string) => boolean): void {
    if (this.#onlyLines) this.#filterLines(-1, keep);
    else this.#toFlat().filter(keep);
  }

  filterIn(set: FieldSet, keep: (lower: string, value: string, name: string) => boolean): void {
    if (!this.mayHave(set)) return;
    if (this.#onlyLines) this.#filterLines(set.mask, keep);
    else this.#toFlat().filterIn(set, keep);
  }

  mayHave(set: FieldSet): boolean {
    return this.#flat === null ? (this.#present & set.mask) !== 0 : this.#flat.mayHave(set);
  }

  drop(set: FieldSet): void {
    if (!this.mayHave(set)) return;
    if (this.#onlyLines) {
      this.#filterLines(set.mask, () => false);
      this.#present &= ~set.mask;
    } else this.#toFlat().drop(set);
  }

  get #onlyLines(): boolean {
    return this.#flat === null && this.#block === null && this.#added === null;
  }

  /** @param mask only lines whose number has a bit in it are asked about; -1 = all. */
  #filterLines(mask: number, keep: (lower: string, value: string, name: string) => boolean): void {
    const offsets = this.#offsets;
    let to = 0;
    for (let at = 0; at < offsets.length; at += lineStride) {
      const number = offsets[at + 4] as number;
      if (mask === -1 || (number !== 0 && (mask & (1 << number)) !== 0)) {
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
    return flat.concat(this.#appended());
  }

  /** All lines as they go on the wire, each with its CRLF: what is left of the text in as few slices as possible, then the rest. */
  lines(): string {
    // White space that parsers are known to differ about is not passed on.
    if (this.#padded) this.#toFlat();
    if (this.#flat !== null) return linesText(this.#flat.flat());
    let text = this.#slices();
    if (this.#block !== null) text += this.#block.text;
    return this.#added === null ? text : text + linesText(this.#added);
  }

  /** A line ends with its CRLF, right behind its value; the next kept line begins there if none was dropped between. */
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
      to = (offsets[at + 3] as number) + 2;
    }
    return to > from ? text + this.#text.slice(from, to) : text;
  }

  clone(): HeaderList {
    return new FlatHeaderList(this.flat());
  }

  /** `[name, value, …]` of what does not stand in the text. */
  #appended(): readonly string[] {
    const fields = this.#block?.fields ?? none;
    return this.#added === null ? fields : fields.concat(this.#added);
  }

  #appendedValue(name: string): string | undefined {
    return valueIn(this.#block?.fields ?? none, name) ?? valueIn(this.#added ?? none, name);
  }

  /** Most questions end here: there is no such line. */
  #lacks(name: string): boolean {
    const number = numberOf(name);
    return number !== 0 && (this.#present & (1 << number)) === 0;
  }

  #value(at: number): string {
    return this.#text.slice(this.#offsets[at + 2], this.#offsets[at + 3]);
  }

  #toFlat(): FlatHeaderList {
    this.#flat ??= new FlatHeaderList(this.flat());
    return this.#flat;
  }

  /** Where the next line of that name stands in `offsets`, from `from` on; -1 where none does. */
  #find(name: string, from: number): number {
    const offsets = this.#offsets;
    const number = numberOf(name);
    if (isOneName(number)) {
      for (let at = from; at < offsets.length; at += lineStride) if (offsets[at + 4] === number) return at;
      return -1;
    }
    const { length } = name;
    for (let at = from; at < offsets.length; at += lineStride) {
      const start = offsets[at] as number;
      if ((offsets[at + 1] as number) - start === length && sameName(this.#text.slice(start, start + length), name))
        return at;
    }
    return -1;
  }
}

/** Callers write names in lower case where it matters that this is quick. */
function numberOf(name: string): number {
  return nameNumber(name) || nameNumber(name.toLowerCase());
}

function valueIn(fields: readonly string[], name: string): string | undefined {
  for (let i = 0; i < fields.length; i += 2) if (sameName(fields[i] as string, name)) return fields[i + 1];
  return undefined;
}

function sameName(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase());
}
