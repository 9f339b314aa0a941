import type { Problem } from './problem.ts';

/** What would have been right, as a sentence; what already is one stays as it is. */
export function expectationText(expected: string): string {
  return /^(not yet active|route name|and \d+ more)/.test(expected) ? expected : `expected: ${expected}`;
}

/** A problem without its container, on one line: `proxy.lmit=10/s: expected: a known option; did you mean proxy.limit?` */
export function problemSentence({ label, value, expected, suggestion }: Problem): string {
  const mend = suggestion === '' ? '' : `; ${suggestion}`;
  // Where no label is at fault, what was expected says all.
  if (label === '') return `${expected}${mend}`;
  return `${label}${value === '' ? '' : `=${value}`}: ${expectationText(expected)}${mend}`;
}
