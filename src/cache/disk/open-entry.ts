import { type FileHandle, open } from 'node:fs/promises';
import { type FiledHead, type Footer, footerBytes, readFooter, readHead } from './entry-file.ts';

/** A file whose tail has been read and fits. */
export interface OpenEntry extends FiledHead {
  readonly file: FileHandle;
  readonly footer: Footer;
}

/** Most heads fit, so that one read has head and footer. */
const guessBytes = 4 * 1024;

/** @returns null where there is no file; 'damaged' where there is one that is none of ours, or not whole. The caller closes the file. */
export async function openEntry(path: string): Promise<OpenEntry | 'damaged' | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const entry = await readTail(file);
    if (entry !== null) return entry;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return 'damaged';
}

async function readTail(file: FileHandle): Promise<OpenEntry | null> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - guessBytes), Math.min(size, guessBytes));
  if (tail === null || tail.length < footerBytes) return null;
  const footer = readFooter(tail.subarray(tail.length - footerBytes), size);
  if (footer === null) return null;
  const inTail = tail.length - footerBytes - footer.headBytes;
  const text =
    inTail >= 0
      ? tail.subarray(inTail, tail.length - footerBytes)
      : await readAt(file, footer.bodyBytes, footer.headBytes);
  const head = text === null ? null : readHead(text, footer);
  return head === null ? null : { ...head, file, footer };
}

/** @returns null where there is less. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) return null;
    filled += bytesRead;
  }
  return buffer;
}
