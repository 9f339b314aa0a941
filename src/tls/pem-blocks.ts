/** The certificates of a PEM text (RFC 7468), in its order. One that is cut short is among them, as it is. */
export function certificateBlocks(text: string): readonly string[] {
  return blocks(text).filter((block) => /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/.test(block));
}

/** The first private key of a PEM text, as PKCS#8 or in a form of old; null without one. */
export function keyBlock(text: string): string | null {
  return blocks(text).find((block) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(block)) ?? null;
}

/** Whether a block has begun behind the last one that ended: a file that somebody is still writing. */
export function isCutShort(text: string): boolean {
  const rest = text
    .slice(Math.max(0, text.lastIndexOf('-----END ')))
    .replace(/^-----END [^-]*-----/, '')
    .trimEnd();
  return rest.includes('-----') || rest.endsWith('-');
}

/** By their beginnings: a block without an end must be seen and refused, not taken for words between the blocks. */
function blocks(text: string): readonly string[] {
  return text.split(/(?=-----BEGIN )/);
}
