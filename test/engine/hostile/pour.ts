import type { RawSocket } from '../../support/raw-socket.ts';

/**
 * Writes the same piece again and again for as long as the other side, and the kernels between, take it.
 *
 * @returns how many bytes were taken until the connection ended.
 */
export async function pour({ socket }: RawSocket, piece: string): Promise<number> {
  const bytes = Buffer.from(piece, 'latin1');
  let taken = 0;
  while (!socket.destroyed) {
    const failed = await new Promise((resolve) => {
      // 'close' too: a write that was not begun yet is not always called back.
      socket.once('close', resolve);
      socket.write(bytes, (error) => {
        socket.off('close', resolve);
        resolve(error);
      });
    });
    if (failed !== null && failed !== undefined) break;
    taken += bytes.length;
  }
  return taken;
}

/** What kernels hold of a stream that nobody reads, both ends together, is less than this with their usual settings. */
export const kernelBytesMax = 16 * 1024 * 1024;
