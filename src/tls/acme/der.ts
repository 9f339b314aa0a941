/** One element of DER (X.690): enough to walk to a field of a certificate that a library has read before. */
export interface DerElement {
  /** The identifier octet; tags above 30 are not read. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** With tag and length. */
  readonly bytes: number;
}

/** The element at the start of the bytes; null where none is whole. */
export function derElement(bytes: Uint8Array): DerElement | null {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return null;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 4) return null;
  const start = 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : bytes.subarray(2, start).reduce((sum, byte) => sum * 256 + byte, 0);
  if (bytes.length < start + length) return null;
  return { tag, content: bytes.subarray(start, start + length), bytes: start + length };
}

/** The elements that follow each other in the bytes; stops at the first that is not whole. */
export function derChildren(bytes: Uint8Array): readonly DerElement[] {
  const children: DerElement[] = [];
  for (let rest = bytes; ; ) {
    const child = derElement(rest);
    if (child === null) return children;
    children.push(child);
    rest = rest.subarray(child.bytes);
  }
}
