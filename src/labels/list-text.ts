/**
 * The items of a comma-separated list, trimmed, empty ones included. A comma inside brackets belongs to its item, so that
 * `~^a{1,2}$` and `*.{js,css}` stay whole; where brackets do not match, every comma separates.
 */
export function splitList(text: string): string[] {
  const items: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '\\') at++;
    else if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (char === ',' && depth === 0) {
      items.push(text.slice(start, at).trim());
      start = at + 1;
    }
    if (depth < 0) break;
  }
  if (depth !== 0) return text.split(',').map((item) => item.trim());
  return [...items, text.slice(start).trim()];
}

/**
 * The words of a text, separated by white space; single or double quotes keep white space inside a word and are removed.
 * A quote counts only at the beginning of a word or after its first `=`: an apostrophe is none.
 * @returns null when a quote is not closed.
 */
export function splitWords(text: string): string[] | null {
  const words: string[] = [];
  const pattern = /\s*(?:([^\s="']*=)?(?:"([^"]*)"|'([^']*)')(?=\s|$)|(\S+))/gy;
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    const [whole, key, double, single, plain] = match;
    end = match.index + whole.length;
    if (plain !== undefined && /^([^\s="']*=)?["']/.test(plain)) return null;
    words.push(plain ?? `${key ?? ''}${double ?? single ?? ''}`);
  }
  return text.slice(end).trim() === '' ? words : null;
}
