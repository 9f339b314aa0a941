/** A domain name in a message (RFC 1035 §3.1): text in lower case, without the last dot; '' is the root. */
export interface WireName {
  readonly name: string;
  /** Offset of what follows it. */
  readonly next: number;
}

/** Bytes of a label, and of a whole name with its length bytes (RFC 1035 §2.3.4). */
const labelBytesMax = 63;
const nameBytesMax = 255;

/** Printable, and neither a dot nor the backslash that would be needed to write one. */
const labelText = /^[!-\-/-[\]-~]{1,63}$/;

/** Whether it can be written into a message. */
export function isWireName(name: string): boolean {
  const labels = name === '' ? [] : name.split('.');
  return name.length + 2 <= nameBytesMax && labels.every((label) => labelText.test(label));
}

/**
 * Uncompressed and in lower case, which is also the form that signatures are made over (RFC 8945 §4.3.3).
 *
 * @throws RangeError for what `isWireName` refuses.
 */
export function encodeName(name: string): Buffer {
  if (!isWireName(name)) throw new RangeError(`not a name that DNS can carry: ${name}`);
  const labels = name === '' ? [] : name.toLowerCase().split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`, 'latin1')),
    Buffer.of(0),
  ]);
}

/** Follows compression (RFC 1035 §4.1.4). null for what is cut off, runs in circles, or cannot be written as text. */
export function decodeName(message: Buffer, offset: number): WireName | null {
  const labels: string[] = [];
  let at = offset;
  let next: number | null = null;
  let charsLeft = nameBytesMax - 1;
  // Each pointer has to point before the last one, so a message cannot send its reader round and round.
  let pointedBelow = offset;
  for (;;) {
    const length = message[at];
    if (length === undefined) return null;
    if (length === 0) return { name: labels.join('.'), next: next ?? at + 1 };
    if (length >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) return null;
      next ??= at + 2;
      at = ((length & 0x3f) << 8) | low;
      if (at >= pointedBelow) return null;
      pointedBelow = at;
      continue;
    }
    const label = message.toString('latin1', at + 1, at + 1 + length);
    charsLeft -= length + 1;
    if (length > labelBytesMax || label.length < length || !labelText.test(label) || charsLeft < 0) return null;
    labels.push(label.toLowerCase());
    at += length + 1;
  }
}
