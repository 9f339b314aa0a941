/** Anything but plain ASCII without quotes and backslashes. */
const needsEscape = /[^ !#-[\]-~]/;

/**
 * Text between quotes of a line as nginx and Apache escape it (`\x22`): control characters, quotes, backslashes and whatever is
 * not ASCII become bytes in hexadecimal, so that nothing a client sends ends a field or a line. `-` = there is none.
 */
export function quotedText(text: string | null | undefined): string {
  if (text === null || text === undefined || text === '') return '-';
  return needsEscape.test(text) ? escaped(text) : text;
}

/** The same where no quotes are around it: a blank would end the field. */
export function bareText(text: string | null | undefined): string {
  return quotedText(text).replaceAll(' ', '\\x20');
}

function escaped(text: string): string {
  return text.replace(/[^ !#-[\]-~]/gu, (one) => {
    const code = one.codePointAt(0) as number;
    // Heads are read as Latin-1, one character for each byte.
    const bytes = code < 0x100 ? [code] : [...Buffer.from(one)];
    return bytes.map((byte) => `\\x${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
  });
}
