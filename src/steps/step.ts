import type { ContentCoding } from '../http/accept-encoding.ts';
import type { ClientIdentity } from '../http/forwarded.ts';
import type { RequestHead, ResponseHead } from '../http/head.ts';
import type { BodySink } from '../http/transport.ts';
import type { MatchRequest } from '../routing/match-request.ts';
import type { CorsRequest } from './cors.ts';
import type { StepAnswer } from './step-answer.ts';

export type LimitVerdict = 'passed' | 'delayed' | 'refused';

/** What a step may know of the request it works on. */
export interface StepContext extends MatchRequest {
  /** The head as it will go to the backend; steps edit it. */
  readonly request: RequestHead;
  readonly client: ClientIdentity;
  readonly requestId: string;
  /**
   * Whether a browser may be told to insist on HTTPS: the connection is over TLS and showed a certificate that browsers trust.
   * With any other it would lock people out (RFC 6797 §8.4, §11.3).
   */
  readonly hstsAllowed: boolean;
  /** How the client stands with `proxy.limit`, for the header `RateLimit`; null = it was not asked. */
  rate: string | null;
  /** What `proxy.limit` decided, for the log; null = it was not asked. */
  limit: LimitVerdict | null;
  /** Who signed in with a password, for the log; null = nobody had to. */
  user: string | null;
  /** What the request says of a script behind it, for `proxy.cors`; null = it was not asked. */
  cors: CorsRequest | null;
  /** What `proxy.compress` may put on the body of the answer; null = nothing, or it was not asked. */
  coding: ContentCoding | null;
  /** Fires when the client leaves: for a step that waits. Made when it is first asked for. */
  readonly gone: AbortSignal;
}

/** Around the sink of a response body; called at once. */
export type Wrapping = (sink: BodySink) => BodySink;

/** Nothing = go on. A promise only where there is something to wait for: it costs a request its fast path. */
export type StepVerdict = StepAnswer | undefined | Promise<StepAnswer | undefined>;

/**
 * One concern of a route. Phases, not an onion: a route holds flat arrays of those of its steps that have the phase, built
 * when it is first used, so a route without steps pays one length check.
 */
export interface Step {
  readonly name: string;
  /** Before the backend is picked; may answer in its place. */
  request?(context: StepContext): StepVerdict;
  /** Around the sink of a request body. */
  intake?(context: StepContext, sink: BodySink): BodySink;
  /** On every final response that goes to the client, the proxy's own answers included. */
  response?(context: StepContext, head: ResponseHead): void;
  /**
   * On a response of a backend or the cache, after all the edits and before the head is sent: it may change the body, and says so
   * in the head. null = the body goes as it is.
   */
  wrap?(context: StepContext, head: ResponseHead): Wrapping | null;
}
