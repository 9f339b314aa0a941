import { maySpecial } from '../../http/special-names.ts';
import { tokenCharacter, valueCharacter } from './characters.ts';

/**
 * The field lines of one head, found in one pass: for each line four offsets into the text (start, end of the name, start
 * and end of the value without the white space around it) and whether its name may be special. No string is made before somebody asks for one.
 */
export interface FieldLines {
  /** The whole head as latin1 text. */
  readonly text: string;
  /** start, nameEnd, valueStart, valueEnd, special (1 or 0), start, … */
  readonly offsets: number[];
  /** Some value has white space around it that nobody needs: more than one space before it, a tab, or any behind it. */
  readonly padded: boolean;
}

/** Numbers in `offsets` for each line. */
export const lineStride = 5;

/** Field lines in one head, at most. */
export const fieldLinesMax = 128;

const cr = 0x0d;
const lf = 0x0a;
const colon = 0x3a;
const space = 0x20;
const tab = 0x09;

/**
 * Reads field lines from `at` to the empty line that ends the head; null for anything that RFC 9112 §5 does not allow: no
 * name, white space before the colon, obs-fold, bare CR or LF, control characters, more lines than `fieldLinesMax`.
 *
 * @param text ends with the empty line (`\r\n\r\n`).
 */
export function readFieldLines(text: string, at: number): FieldLines | null {
  const offsets: number[] = [];
  let padded = false;
  let i = at;
  for (;;) {
    if (text.charCodeAt(i) === cr) {
      // Only the empty line at the very end; the head was cut there, so anything else is a CR in the wrong place.
      return text.charCodeAt(i + 1) === lf && i + 2 === text.length ? { text, offsets, padded } : null;
    }
    const start = i;
    let kinds = 0;
    for (let kind = tokenCharacter[text.charCodeAt(i)]; kind; kind = tokenCharacter[text.charCodeAt(++i)])
      kinds |= kind;
    if (i === start || text.charCodeAt(i) !== colon) return null;
    const nameEnd = i++;
    let code = text.charCodeAt(i);
    while (code === space || code === tab) code = text.charCodeAt(++i);
    const valueStart = i;
    while (valueCharacter[text.charCodeAt(i)] === 1) i++;
    if (text.charCodeAt(i) !== cr || text.charCodeAt(i + 1) !== lf) return null;
    let valueEnd = i;
    while (valueEnd > valueStart) {
      const last = text.charCodeAt(valueEnd - 1);
      if (last !== space && last !== tab) break;
      valueEnd--;
    }
    padded ||= valueEnd !== i || valueStart - nameEnd > 2 || text.charCodeAt(valueStart - 1) === tab;
    if (offsets.length === lineStride * fieldLinesMax) return null;
    const special = kinds === 3 || maySpecial(nameEnd - start, text.charCodeAt(start));
    offsets.push(start, nameEnd, valueStart, valueEnd, special ? 1 : 0);
    i += 2;
  }
}
