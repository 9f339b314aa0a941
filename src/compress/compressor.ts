import type { Transform } from 'node:stream';
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib';
import type { ContentCoding } from '../http/accept-encoding.ts';

/** One body's compressor, which works in a thread of its own. */
export interface Compressor extends Transform {
  flush(kind: number, callback: () => void): void;
}

/**
 * How far back zstd and brotli look, as a power of two: half a mebibyte. Pages do not repeat themselves over more, browsers take
 * up to 8 MiB (RFC 9659), and each open compressor holds as much memory as that.
 */
const windowLog = 19;

/** Levels by measurement: docs/compression.md. */
const gzipLevel = 5;
const brotliQuality = 4;
const zstdLevel = 3;

/** @param bytes of the body before it is compressed; null = not known. The body must keep to it. */
export function createCompressor(coding: ContentCoding, bytes: number | null): Compressor {
  switch (coding) {
    case 'gzip':
      return createGzip({ level: gzipLevel });
    case 'br':
      // Not told how much will come: from 1 MiB on it would take five times the memory.
      return createBrotliCompress({
        params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_LGWIN]: windowLog },
      });
    case 'zstd':
      return createZstdCompress({
        params: { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_windowLog]: windowLog },
        // Told how much will come, it takes no more memory than that needs.
        ...(bytes === null ? {} : { pledgedSrcSize: bytes }),
      });
    default:
      return coding satisfies never;
  }
}

/** What makes a compressor give out everything that it has been given. */
export function flushKind(coding: ContentCoding): number {
  switch (coding) {
    case 'gzip':
      return constants.Z_SYNC_FLUSH;
    case 'br':
      return constants.BROTLI_OPERATION_FLUSH;
    case 'zstd':
      return constants.ZSTD_e_flush;
    default:
      return coding satisfies never;
  }
}
