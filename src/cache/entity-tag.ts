/** Whether a list of entity tags (If-None-Match) has this one, by the weak comparison (RFC 9110 §8.8.3.2). */
export function hasTag(list: string, tag: string | undefined): boolean {
  if (list.trim() === '*') return true;
  if (tag === undefined) return false;
  const opaque = withoutWeakness(tag.trim());
  if (opaque === '') return false;
  for (const [item] of list.matchAll(tags)) if (withoutWeakness(item) === opaque) return true;
  return false;
}

/** Whether both are the same, and neither is weak. */
export function isSameStrongTag(a: string, b: string | undefined): boolean {
  return !a.startsWith('W/') && a.startsWith('"') && a === b;
}

/** Quoted as it should be, or whatever stands between commas. */
const tags = /(?:W\/)?"[^"]*"|[^\s,]+/g;

function withoutWeakness(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
