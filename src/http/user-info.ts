/** Name and password in front of the host of an address (RFC 3986 §3.2.1). */
const userInfo = /(:\/\/)[^\s/?#,]*@/g;

/** A text in which addresses may stand, as it may be shown to people. */
export function withoutUserInfo(text: string): string {
  return text.replace(userInfo, '$1…@');
}
