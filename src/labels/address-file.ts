import { readCidrs } from './address-list.ts';
import { bad, good, type ValueReading } from './value-reading.ts';

/**
 * Reads a file of addresses: as in `proxy.allow`, separated by lines, spaces or commas; `#` begins a comment. One that cannot be
 * read spoils the whole, and is told by its line alone, since a label may name a file that holds something else.
 */
export function readAddressFile(text: string): ValueReading<readonly string[]> {
  const cidrs: string[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    for (const item of line.replace(/#.*/s, '').split(/[\s,]+/)) {
      if (item === '') continue;
      const { value } = readCidrs(item, '');
      if (value === undefined)
        return bad(`a list of addresses such as 10.0.0.0/8, one a line: line ${at + 1} holds something else`);
      cidrs.push(...value);
    }
  }
  return good(cidrs);
}
