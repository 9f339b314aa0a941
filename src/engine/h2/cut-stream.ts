import type { ServerHttp2Stream } from 'node:http2';

/** RST_STREAM: what was sent is not everything. An END_STREAM never precedes it, as it may where a stream is closed with a code. */
export function cutStream(stream: ServerHttp2Stream): void {
  stream.destroy(new Error('the answer cannot be completed'));
}
