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

/** The same tag for what means the same but is not the same bytes (RFC 9110 §8.8.1); null for what is none. */
export function weakTag(tag: string): string | null {
  if (tag.startsWith('W/"')) return tag;
  return tag.startsWith('"') ? `W/${tag}` : null;
}

/** Whether a list of entity tags has the weak form of this one. */
export function hasWeakTag(list: string, tag: string): boolean {
  const weak = weakTag(tag);
  for (const [item] of list.matchAll(tags)) if (item === weak) return true;
  return false;
}

/** Quoted as it should be, or whatever stands between commas. */
const tags = /(?:W\/)?"[^"]*"|[^\s,]+/g;

function withoutWeakness(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag;
}
