/** The members of a list field, in lower case. */
export function listItems(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : lines.join(',').toLowerCase().split(',').map(withoutSpace);
}

const space = 0x20;
const tab = 0x09;

/**
 * Without white space as HTTP knows it (RFC 9110 §5.6.3): what else `trim` takes away, a no-break space say, belongs to the
 * item. A loop, because a regular expression would go over a long run of spaces once for each of them.
 */
function withoutSpace(item: string): string {
  let from = 0;
  let to = item.length;
  while (from < to && isSpace(item.charCodeAt(from))) from++;
  while (to > from && isSpace(item.charCodeAt(to - 1))) to--;
  return item.slice(from, to);
}

function isSpace(code: number): boolean {
  return code === space || code === tab;
}
