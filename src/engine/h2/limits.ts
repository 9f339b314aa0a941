import { constants, type ServerSessionOptions } from 'node:http2';
import type { ListenerLimits } from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';

/** Requests at a time on one connection; more are refused and may be sent again (RFC 9113 §5.1.2). nginx and node have as many. */
export const streamsMax = 128;

/**
 * What a client may send on a stream that nobody reads. node opens the window of the connection by itself, so this one is what holds
 * a client back; it reads as much again into the stream, so that a connection whose bodies all wait holds 16 MiB.
 */
export const streamWindowBytes = 64 * 1024;

/** Frames that cost us more than the client (resets of unanswered requests, PING, SETTINGS): so many at once… */
export const nuisancesMax = 256;
/** …and so many a second on top. */
export const nuisancesPerSecond = 32;

/** Empty DATA frames and frames that fit no stream, over the life of a connection. */
export const invalidFramesMax = 1_000;

/** What a session holds for its heads, streams and queues; beyond it new streams are refused. */
const sessionMegabytesMax = 10;

/**
 * Pairs of a head that are read at all, so that one that is too large can be answered with 431: cookies come in crumbs. With a table
 * of 4 KiB a head of nothing but references can grow to 2 MiB, for a moment.
 */
const pairsPerLine = 4;

/** How a session of node:http2 is bounded. nghttp2 adds limits of its own: 8 CONTINUATION frames, 1,000 acknowledgements unsent. */
export function sessionOptions(limits: ListenerLimits, engine: EngineOptions): ServerSessionOptions {
  return {
    settings: {
      maxConcurrentStreams: streamsMax,
      initialWindowSize: streamWindowBytes,
      // RFC 9113 §6.5.2 adds 32 bytes for each line.
      maxHeaderListSize: limits.headBytesMax + 32 * limits.fieldLinesMax,
      // RFC 8441.
      enableConnectProtocol: true,
    },
    maxHeaderListPairs: pairsPerLine * limits.fieldLinesMax,
    maxSessionMemory: sessionMegabytesMax,
    maxSessionInvalidFrames: invalidFramesMax,
    // A head of a backend that is as large as it may be must fit with what is added to it.
    maxSendHeaderBlockLength: 2 * engine.responseHeadBytesMax,
    paddingStrategy: constants.PADDING_STRATEGY_NONE,
    // What stands around a value is for us to refuse: nghttp2 would leave the line out and pass the rest on.
    strictFieldWhitespaceValidation: false,
    // A backend may repeat what it should not; that is between it and the client.
    strictSingleValueFields: false,
  };
}
