import { brotliDecompressSync, constants, gunzipSync, zstdDecompressSync } from 'node:zlib';

/** A body without its coding. @param about.whole false = as far as it has come. */
export function plain(coding: string, body: Uint8Array, { whole } = { whole: true }): Buffer {
  switch (coding) {
    case 'gzip':
      return gunzipSync(body, whole ? {} : { finishFlush: constants.Z_SYNC_FLUSH });
    case 'br':
      return brotliDecompressSync(body, whole ? {} : { finishFlush: constants.BROTLI_OPERATION_FLUSH });
    case 'zstd':
      return zstdDecompressSync(body, whole ? {} : { finishFlush: constants.ZSTD_e_flush });
    default:
      throw new Error(`no such coding: ${coding}`);
  }
}
