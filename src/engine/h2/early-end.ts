import { constants, type ServerHttp2Stream } from 'node:http2';
import { IdleTimer } from '../idle-timer.ts';
import { cutStream } from './cut-stream.ts';

/** How often it is looked whether a client that is slow to read has been sent the end. */
const lookMs = 20;

/**
 * Tells a client whose answer is complete that the rest of its request is not wanted (RFC 9113 §8.1): but only when END_STREAM has
 * gone out, because what nghttp2 still holds of a stream is dropped with the reset.
 *
 * @param stallMs after which a client that does not read is given up.
 */
export function endEarly(stream: ServerHttp2Stream, stallMs: number): void {
  const stall = new IdleTimer(stallMs, () => cutStream(stream));
  const look = (): void => {
    if (stream.destroyed || stream.closed) return stall.stop();
    if (stream.state.localClose !== 1) {
      setTimeout(look, lookMs).unref();
      return;
    }
    stall.stop();
    stream.close(constants.NGHTTP2_NO_ERROR);
  };
  stall.touch();
  // What was handed over in this turn goes out before.
  setImmediate(look);
}
