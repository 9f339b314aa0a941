/** Every value of a cookie in a Cookie header (RFC 6265 §4.2.1); quotes around a value are part of it, as browsers keep them. */
export function* cookieValues(header: string, name: string): Iterable<string> {
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals > 0 && pair.slice(0, equals).trim() === name) yield pair.slice(equals + 1).trim();
  }
}
