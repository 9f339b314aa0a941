const words: Readonly<Record<string, boolean>> = {
  true: true,
  on: true,
  yes: true,
  '1': true,
  false: false,
  off: false,
  no: false,
  '0': false,
};

/** Reads `true false on off yes no 1 0` in any case; null for anything else. */
export function readBool(text: string): boolean | null {
  const word = text.trim().toLowerCase();
  return Object.hasOwn(words, word) ? (words[word] as boolean) : null;
}
