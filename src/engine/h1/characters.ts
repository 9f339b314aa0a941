/**
 * Character classes of RFC 9110 and 9112 as tables by char code of a latin1 string: one load and one test per character is
 * what makes a strict parser as fast as a careless one.
 */

function table(allowed: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => (allowed(code) ? 1 : 0));
}

/** `tchar` (RFC 9110 §5.6.2): methods and field names. 3 for `_`, so that the values of a name's characters or-ed together tell of one. */
export const tokenCharacter: Uint8Array = table((code) =>
  /[0-9A-Za-z!#$%&'*+\-.^_`|~]/.test(String.fromCharCode(code)),
).map((allowed, code) => (code === 0x5f ? 3 : allowed));

/**
 * A method: a token without lower case. Methods know their case (RFC 9110 §9.1), some servers do not and take `get` for GET,
 * and no method that is registered has any; nginx and node refuse it as well.
 */
export const methodCharacter: Uint8Array = tokenCharacter.map((allowed, code) =>
  allowed && (code < 0x61 || code > 0x7a) ? 1 : 0,
);

/** Inside a field value: HTAB, SP, visible ASCII, obs-text (RFC 9110 §5.5). No CR, LF, NUL or other control. */
export const valueCharacter: Uint8Array = table((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f));

/**
 * Inside a request target: visible ASCII. `#` is no part of one, and some parsers read it as its end;
 * what remains beyond RFC 3986 (`"<>^`{|}`) browsers do send, and nobody reads it in two ways.
 */
export const targetCharacter: Uint8Array = table((code) => code > 0x20 && code < 0x7f && code !== 0x23);

/** Value of a hex digit by char code, 255 for anything else. */
export const hexDigit: Uint8Array = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 255 : value;
});
