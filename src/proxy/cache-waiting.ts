import type { CacheRequest } from '../cache/cache-request.ts';
import type { Found } from '../cache/http-cache.ts';
import type { Outcome } from '../cache/outcome.ts';
import type { Stored } from '../cache/stored.ts';
import type { StoredBody } from '../cache/stored-body.ts';
import type { Reason } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import type { BodySink } from '../http/transport.ts';
import type { CacheDesk } from './cache-desk.ts';
import type { Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** Sends a request to a backend. */
export type PassOn = (world: ProxyWorld, journey: Journey, live: LiveRoute) => void;

/** One who waits for the answer. */
export interface Waiting {
  readonly request: CacheRequest;
  /** This is the answer. */
  serve(answer: { readonly stored: Stored; readonly body: StoredBody }, outcome: Outcome, fetched?: Journey): void;
  /** The answer is not for others: it is relayed to the one that it was fetched for. */
  relay(head: ResponseHead, outcome: Outcome, fetched: Journey): BodySink;
  inform(head: ResponseHead): void;
  fail(reason: Reason, fetched: Journey): void;
  /** The answer is for somebody else, by these names of Vary, or for nobody else (null). */
  release(names: readonly string[] | null): void;
}

export interface FetchPlan {
  readonly desk: CacheDesk;
  readonly world: ProxyWorld;
  readonly live: LiveRoute;
  readonly passOn: PassOn;
  /** The request that it is made for. */
  readonly origin: Journey;
  readonly request: CacheRequest;
  readonly found: Found;
  /** Where its answer is expected to be kept. */
  readonly place: string;
  /** Others may join. */
  readonly open: boolean;
}
