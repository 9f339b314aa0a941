import type { CacheWord } from '../cache/outcome.ts';
import type { ContentCoding } from '../http/accept-encoding.ts';
import type { Reason } from '../http/failure.ts';
import type { ClientIdentity } from '../http/forwarded.ts';
import type { RequestHead, ResponseHead } from '../http/head.ts';
import type { BodySink, Exchange } from '../http/transport.ts';
import type { CorsRequest } from '../steps/cors.ts';
import type { LimitVerdict, StepContext } from '../steps/step.ts';
import type { Peer } from '../upstream/peer.ts';
import type { RequestTrace } from './request-trace.ts';
import type { Requester } from './requester.ts';
import type { RouteCounters } from './route-counters.ts';
import type { LiveRoute } from './table-cell.ts';

/** What a request has under way, and is told when its exchange has ended. */
export interface Carrier {
  close(how: 'complete' | 'aborted'): void;
}

/** What is known of one request from its head to its end; becomes one line of the access log. */
export class Journey implements StepContext {
  readonly exchange: Exchange;
  readonly requester: Requester;
  readonly client: ClientIdentity;
  readonly requestId: string;
  /** Monotonic ms. */
  readonly startedMs: number;
  readonly method: string;
  readonly target: string;
  readonly accept: string | undefined;
  readonly userAgent: string | undefined;
  readonly referer: string | undefined;
  /** Host, path and query as routes are matched on. */
  host = '';
  path = '';
  query = '';
  live: LiveRoute | null = null;
  /** null = nothing is traced. A fetch of the cache has that of the request that it is made for. */
  trace: RequestTrace | null = null;
  carrier: Carrier | null = null;
  /** The peer that answered, or failed last. */
  peer: Peer | null = null;
  /** Tries on backends. */
  tries = 0;
  /** 0 until an answer began. */
  status = 0;
  reason: Reason | null = null;
  /** Response body bytes handed to the client's connection. */
  responseBytes = 0;
  /** From the last try's start to the backend's head, ms; null when no backend was asked or none answered. */
  upstreamMs: number | null = null;
  /** When it was held first, monotonic ms; null = it was not. */
  heldSinceMs: number | null = null;
  /** In the waiting room, ms. */
  waitMs = 0;
  #heldMs: number | null = null;
  /** Whose route it waits for. */
  #heldBy: RouteCounters | null = null;
  /** What the cache had to do with the answer; null = the route has none. */
  cacheWord: CacheWord | null = null;
  ended = false;
  rate: string | null = null;
  limit: LimitVerdict | null = null;
  user: string | null = null;
  cors: CorsRequest | null = null;
  coding: ContentCoding | null = null;
  #leaving: AbortController | null = null;
  /** A request of the cache's own: what comes back is not for a client yet. */
  isInner = false;
  /** False where an old answer may stand in: better that one now than another one later. */
  mayBeHeld = true;
  /** Looks at a backend's head, or adds to it, before the steps of the route do. */
  onHead: ((head: ResponseHead) => void) | null = null;

  constructor(exchange: Exchange, requester: Requester, requestId: string, startedMs: number) {
    const { request } = exchange;
    this.exchange = exchange;
    this.requester = requester;
    this.client = requester.identity;
    this.requestId = requestId;
    this.startedMs = startedMs;
    this.method = request.method;
    // Kept apart, because steps edit the head on its way to the backend.
    this.target = request.target;
    this.accept = request.headers.get('accept');
    this.userAgent = request.headers.get('user-agent');
    this.referer = request.headers.get('referer');
  }

  get request(): RequestHead {
    return this.exchange.request;
  }

  get gone(): AbortSignal {
    if (this.#leaving === null) {
      this.#leaving = new AbortController();
      if (this.ended) this.#leaving.abort();
    }
    return this.#leaving.signal;
  }

  /** The client has left: whoever waits for its sake need not. */
  leave(): void {
    this.#leaving?.abort();
  }

  /** Starts the request body into `sink`, past the steps that watch it. */
  receive(sink: BodySink): void {
    let watched = sink;
    for (const step of this.live?.steps.intake ?? []) watched = step.intake(this, watched);
    this.exchange.receive(watched);
  }

  /** For steps: the connection is over TLS, and was shown a certificate that browsers trust. */
  get hstsAllowed(): boolean {
    return this.exchange.client.tls?.identity.trusted === true;
  }

  get clientAddress(): string {
    return this.client.address;
  }

  header(name: string): string | undefined {
    return this.exchange.request.headers.get(name);
  }

  /** It is in the waiting room from now on. */
  held(nowMs: number): void {
    this.#heldBy = this.live?.counters ?? null;
    this.#heldBy?.heldBack({ first: this.heldSinceMs === null });
    this.heldSinceMs ??= nowMs;
    this.#heldMs = nowMs;
  }

  released(nowMs: number): void {
    if (this.#heldMs !== null) this.waitMs += nowMs - this.#heldMs;
    this.#heldMs = null;
    this.#heldBy?.letGo();
    this.#heldBy = null;
  }

  /** What it took to have its answer fetched. */
  tellFetched({ peer, tries, upstreamMs }: Journey): void {
    this.peer = peer;
    this.tries = tries;
    this.upstreamMs = upstreamMs;
  }

  /** Counts the finished request for its route. */
  count(nowMs: number): void {
    const counters = this.live?.counters;
    if (counters === undefined) return;
    counters.request(this.status, this.status === 101 ? null : nowMs - this.startedMs);
    if (this.responseBytes > 0) counters.sent(this.responseBytes);
    if (this.cacheWord !== null) counters.cached(this.cacheWord);
    if (this.reason === 'rate-limited') counters.limited();
  }
}
