import { nameNumber } from './field-names.ts';

/** Field lines that are the same for many requests, put together once. */
export class HeaderBlock {
  /** `[name, value, …]`. */
  readonly fields: readonly string[];
  /** As it goes on the wire in HTTP/1.1, each line with its CRLF. */
  readonly text: string;
  /** Bits of the numbers of its names. */
  readonly present: number;
  /** Bits of those that it has more than once. */
  readonly repeated: number;

  /** @param fields `[name, value, …]`; throws where a value cannot be sent. */
  constructor(fields: readonly string[]) {
    this.fields = fields;
    this.text = linesText(fields);
    let present = 0;
    let repeated = 0;
    for (let i = 0; i < fields.length; i += 2) {
      const bit = 1 << nameNumber((fields[i] as string).toLowerCase());
      repeated |= present & bit;
      present |= bit;
    }
    this.present = present;
    this.repeated = repeated;
  }
}

/** Anything that a latin1 write would turn into something else, or that would end a line: a bug of ours, never sent. */
const unwritable = /[^\t\x20-\x7e\x80-\xff]/;

/** Throws where a value cannot be sent. */
export function checkWritable(name: string, value: string): void {
  if (unwritable.test(value)) throw new TypeError(`the value of ${name} has characters that cannot be sent`);
}

/** `[name, value, …]` as field lines of HTTP/1.1 (RFC 9112 §5), each with its CRLF. */
export function linesText(fields: readonly string[]): string {
  let text = '';
  for (let i = 0; i < fields.length; i += 2) {
    const value = fields[i + 1] as string;
    checkWritable(fields[i] as string, value);
    text += `${fields[i]}: ${value}\r\n`;
  }
  return text;
}
