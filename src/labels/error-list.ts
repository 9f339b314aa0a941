import { readTarget } from '../http/target.ts';
import type { ErrorPage, StatusRange } from './options.ts';
import { pageType } from './page-file.ts';
import { readStatusRange } from './plain-value.ts';
import { bad, didYouMean, good, type ValueReading } from './value-reading.ts';

export const allFailures: readonly StatusRange[] = [{ from: 400, to: 599 }];

const expected = 'statuses and a source, such as 404,5xx /errors.html, 500-599 file:/pages/{status}.html, or builtin';

/** Reads `proxy.errors`: statuses and where their page is, once or several times. A source without statuses is for all. */
export function readErrors(text: string, label: string): ValueReading<readonly ErrorPage[]> {
  const pages: ErrorPage[] = [];
  let statuses: StatusRange[] = [];
  for (const word of text.split(/[\s,;]+/).filter((part) => part !== '')) {
    if (/^\d/.test(word)) {
      const range = readStatusRange(word).value;
      if (range === undefined || range.from < 400) return bad(`${expected}; statuses are 400 to 599`);
      statuses.push(range);
      continue;
    }
    const source = readSource(word);
    if (typeof source === 'string') return bad(source);
    pages.push({ statuses: statuses.length > 0 ? statuses : allFailures, source });
    statuses = [];
  }
  if (statuses.length > 0) return bad(expected, pages.length > 0 ? '' : didYouMean(`${label}=${text} builtin`));
  return pages.length > 0 ? good(pages) : bad(expected);
}

/** @returns what would have been right, where it is none. */
function readSource(word: string): ErrorPage['source'] | string {
  if (word.toLowerCase() === 'builtin') return { kind: 'builtin' };
  const file = /^file:(\/[\x21-\x7e]+)$/i.exec(word)?.[1];
  const path = file ?? word;
  // `{status}` stands for three digits.
  if (readTarget(path.replaceAll('{status}', '404')) === null || /[{}]/.test(path.replaceAll('{status}', '')))
    return expected;
  if (file === undefined) return { kind: 'path', path };
  if (/(^|\/)\.\.(\/|$)|[?%]/.test(file)) return 'a file without `..`, `?` and `%` in its path';
  return pageType(file) === null
    ? 'a file whose name ends in .html, .htm, .txt, .json, .xml or .svg'
    : { kind: 'file', path: file };
}
