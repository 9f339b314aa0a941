const charsMax = 500;

/** Words of an issuer, fit for a log line and a page: one line, no control characters, cut. */
export function issuerText(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line.length > charsMax ? `${line.slice(0, charsMax)}…` : line;
}
