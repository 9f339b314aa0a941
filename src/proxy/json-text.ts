/** Anything but plain ASCII without quotes and backslashes, which JSON writes as it is. */
const needsEscape = /[^ !#-[\]-~]/;

/** A string, or null, as JSON. */
export function jsonText(text: string | null | undefined): string {
  if (text === null || text === undefined) return 'null';
  return needsEscape.test(text) ? escaped(text) : `"${text}"`;
}

/** Everything beyond ASCII becomes `\\u1234`: what a client sent is never more than text to a terminal. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
