import { crc32 } from 'node:zlib';
import type { Stored } from '../stored.ts';

/**
 * A kept answer as a file: the body, then its head as JSON, then a footer. The head comes last because a body may be written
 * before anybody knows how long it is, and because a 304 changes the one and not the other. Whatever is cut short or torn does not
 * fit its lengths and sums, and counts as nothing.
 */
export interface FiledHead {
  readonly place: string;
  readonly generation: string;
  readonly stored: Stored;
}

export interface Footer {
  readonly bodyBytes: number;
  readonly headBytes: number;
  readonly bodySum: number;
  readonly headSum: number;
}

export const footerBytes = 28;
/** Heads are held in memory as a whole. */
export const headBytesMax = 512 * 1024;
const mark = 0x464c4331;

/** Head and footer, as they follow the body. */
export function writeTail(head: FiledHead, body: { readonly bytes: number; readonly sum: number }): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const tail = Buffer.alloc(text.length + footerBytes);
  text.copy(tail);
  const at = text.length;
  tail.writeDoubleBE(body.bytes, at);
  tail.writeUInt32BE(text.length, at + 8);
  tail.writeUInt32BE(body.sum, at + 12);
  tail.writeUInt32BE(crc32(text), at + 16);
  // Sums over the sums: a footer of zeros is none.
  tail.writeUInt32BE(crc32(tail.subarray(at, at + 20)), at + 20);
  tail.writeUInt32BE(mark, at + 24);
  return tail;
}

/** @returns null where it is none, or does not fit the file. */
export function readFooter(footer: Buffer, fileBytes: number): Footer | null {
  if (footer.length !== footerBytes || footer.readUInt32BE(24) !== mark) return null;
  if (crc32(footer.subarray(0, 20)) !== footer.readUInt32BE(20)) return null;
  const bodyBytes = footer.readDoubleBE(0);
  const headBytes = footer.readUInt32BE(8);
  if (bodyBytes + headBytes + footerBytes !== fileBytes || headBytes > headBytesMax) return null;
  return { bodyBytes, headBytes, bodySum: footer.readUInt32BE(12), headSum: footer.readUInt32BE(16) };
}

/** @returns null where it was torn. The sum makes sure that it is what was written, so its shape is not checked again. */
export function readHead(text: Buffer, { headSum }: Footer): FiledHead | null {
  return crc32(text) === headSum ? (JSON.parse(text.toString()) as FiledHead) : null;
}
