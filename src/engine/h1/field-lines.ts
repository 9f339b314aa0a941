import { numberAt } from '../../http/field-names.ts';
import { tokenCharacter, valueCharacter } from './characters.ts';

/**
 * The field lines of one head, found in one pass over its bytes. For each line five numbers: four offsets into the text (start,
 * end of the name, start and end of the value without the white space around it) and the number of its name. No string is
 * made before somebody asks for one.
 */
export interface FieldLines {
  /** The head as latin1 text. */
  readonly text: string;
  /** start, nameEnd, valueStart, valueEnd, number, start, … */
  readonly offsets: number[];
  /** Bits of the numbers that occur. */
  readonly present: number;
  /** Bits of the numbers that occur more than once. */
  readonly repeated: number;
  /** Some value has white space around it that nobody needs: more than one space before it, a tab, or any behind it. */
  readonly padded: boolean;
}

/** Numbers in `offsets` for each line. */
export const lineStride = 5;

/** Lines in a trailer section, and in a head where nobody says otherwise. */
export const fieldLinesMax = 128;

const cr = 0x0d;
const lf = 0x0a;
const colon = 0x3a;
const space = 0x20;
const tab = 0x09;

/** Offsets of the head that is being read: one copy at its end costs less than an array that grows. */
const found: number[] = [];

/**
 * Reads field lines to the empty line that ends the head; null for anything that RFC 9112 §5 does not allow: no name, white
 * space before the colon, obs-fold, bare CR or LF, control characters, more lines than `linesMax`.
 *
 * Over bytes, because V8 reads an element of a typed array in half the time that it needs for a character of a string.
 *
 * @param bytes the head begins at `base` in them and reaches as far as `text`, which ends with the empty line.
 * @param at where the first field line begins.
 */
export function readFieldLines(
  bytes: Uint8Array,
  base: number,
  at: number,
  text: string,
  linesMax = fieldLinesMax,
): FieldLines | null {
  const end = base + text.length;
  let count = 0;
  let present = 0;
  let repeated = 0;
  let padded = false;
  let i = at;
  for (;;) {
    // Only the empty line at the very end; the head was cut there, so anything else is a CR in the wrong place.
    if (bytes[i] === cr) {
      if (bytes[i + 1] !== lf || i + 2 !== end) return null;
      return { text, offsets: found.slice(0, count), present, repeated, padded };
    }
    const start = i;
    let kinds = 0;
    for (let kind = tokenCharacter[bytes[i] as number]; kind; kind = tokenCharacter[bytes[++i] as number])
      kinds |= kind;
    if (i === start || bytes[i] !== colon) return null;
    const nameEnd = i++;
    while (bytes[i] === space || bytes[i] === tab) i++;
    const valueStart = i;
    while (valueCharacter[bytes[i] as number] === 1) i++;
    if (bytes[i] !== cr || bytes[i + 1] !== lf) return null;
    let valueEnd = i;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === space || bytes[valueEnd - 1] === tab)) valueEnd--;
    padded ||= valueEnd !== i || valueStart - nameEnd > 2 || bytes[valueStart - 1] === tab;
    if (count === lineStride * linesMax) return null;
    const number = numberAt(bytes, start, nameEnd, kinds === 3);
    if (number !== 0) {
      repeated |= present & (1 << number);
      present |= 1 << number;
    }
    found[count] = start - base;
    found[count + 1] = nameEnd - base;
    found[count + 2] = valueStart - base;
    found[count + 3] = valueEnd - base;
    found[count + 4] = number;
    count += lineStride;
    i += 2;
  }
}
