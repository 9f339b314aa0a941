import type { ServerHttp2Stream, ServerStreamResponseOptions } from 'node:http2';

/** How the head of an answer goes out. */
export interface HeadOptions {
  /** Nothing follows it. */
  readonly endStream: boolean;
  /** The stream stays open behind the body and says `wantTrailers`. */
  readonly waitForTrailers: boolean;
}

/**
 * Sends the final head.
 *
 * @param fields `[':status', …, name, value, …]`: a flat array is cheaper than an object, and keeps order and repeats.
 */
export function sendHead(stream: ServerHttp2Stream, fields: readonly string[], options: HeadOptions): void {
  // Without it node adds a Date where the backend has none; @types/node (26.6) does not know it.
  const all: ServerStreamResponseOptions & { readonly sendDate: boolean } = { ...options, sendDate: false };
  stream.respond(fields as string[], all);
}
