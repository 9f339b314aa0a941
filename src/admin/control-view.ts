import type { CacheNumbers } from '../cache/cache-numbers.ts';
import type { PurgeRule } from '../cache/purge.ts';
import type { Snapshot } from '../docker/snapshot.ts';
import type { LimitQuestion, LimitReading } from '../limit/limit-reading.ts';
import type { FailedRequest } from '../proxy/failed-request.ts';
import type { ForesightQuestion, Foresights } from '../proxy/foresight.ts';
import type { SlowRequest } from '../proxy/slow-request.ts';
import type { RecentTraffic, Traffic } from '../proxy/traffic.ts';
import type { StateAndReason } from '../routing/backend-state.ts';
import type { BuiltTable } from '../routing/build.ts';
import type { Backend } from '../routing/table.ts';
import type { CertificateView } from '../tls/certificate-view.ts';
import type { RenewAnswer, RenewRequest } from '../tls/renew-answer.ts';
import type { EventFeed } from './event-feed.ts';
import type { RouteHistory } from './live/live-view.ts';
import type { SharedStanding } from './shared-standing.ts';
import type { TracingStanding } from './tracing-standing.ts';

/** How the data plane is doing, for `/status`, `/readyz` and warnings. */
export interface DataPlaneStatus {
  readonly pid: number | null;
  readonly workers: number;
  /** What carries HTTP/1.1 (`FAIRLEAD_ENGINE`). */
  readonly engine: 'h1' | 'node';
  /** Addresses that accept, such as `http://0.0.0.0:80`. */
  readonly listening: readonly string[];
  /** Version of the table that every worker serves by now; 0 before the first. */
  readonly appliedVersion: number;
  readonly restarts: { readonly workers: number; readonly dataPlane: number };
  /** Such as "the data plane runs as root, because …". */
  readonly warnings: readonly string[];
}

export interface PurgeAnswer extends CacheNumbers {
  /** Whether the other proxies of the same store are told to drop it too, or will be once it is back; not there without a store. */
  readonly others?: 'told' | 'later';
}

/** What the admin API may see of the control plane. */
export interface ControlView {
  readonly startedMs: number;
  snapshot(): Snapshot;
  built(): BuiltTable;
  /** What a backend of the table can do now, health checks included. */
  backendState(backend: Backend): StateAndReason;
  /** The last request that failed at a backend, if it may be why the backend is left out; null where none is known. */
  lastFailure(backend: Backend): FailedRequest | null;
  /** Lets no new request go to the container, or lets them go there again; survives all but its removal and the end of the proxy. */
  setDrained(containerId: string, drained: boolean): void;
  dataPlane(): DataPlaneStatus;
  /** Lines that no log could take since the proxy is up, and files that cannot be written now. */
  accessLog(): { readonly droppedLines: number; readonly warnings: readonly string[] };
  /** How spans are delivered; null = there are none. */
  tracing(): TracingStanding | null;
  /** Numbers of all workers; where the data plane does not answer within 250 ms those that were heard last. */
  traffic(): Promise<Traffic>;
  /** What a route has served lately, as `traffic` has heard last. */
  recent(routeId: string): RecentTraffic;
  /** Its last quarter of an hour; empty for a route that had no request for as long, or where 1,000 others had one since. */
  history(routeId: string): RouteHistory;
  /** Requests that failed lately. */
  readonly failures: {
    /** Of a route the newest first, at most 50. */
    of(routeId: string): readonly FailedRequest[];
    /** How many more there were, of all routes. */
    readonly untold: number;
  };
  /** Requests that ended well and took a second or more. */
  readonly slow: {
    /** Of a route the newest first, at most 20. */
    of(routeId: string): readonly SlowRequest[];
  };
  /** How each certificate stands that a route needs, or that is kept. `notAfter` is null while only a placeholder is shown. */
  certificates(): readonly CertificateView[];
  /** Whether plain requests for a host are sent to HTTPS where its route says so: a certificate is there, and no placeholder. */
  isReady(host: string): boolean;
  /** Orders now. Answers once the orders are begun, or, of a dry run, once they have ended. */
  renew(request: RenewRequest): Promise<RenewAnswer>;
  /** What the cache holds, once it has dropped what the rule is about; null where the data plane does not answer. */
  cache(rule: PurgeRule | null): Promise<PurgeAnswer | null>;
  /** How full a bucket of `proxy.limit` is, and nothing is taken out of it; null where that cannot be had in time. */
  limit(question: LimitQuestion): Promise<LimitReading | null>;
  /** What the workers would do with a request that nobody has sent; null where that cannot be had in time. */
  foresee(question: ForesightQuestion): Promise<Foresights | null>;
  /** What is shared with other proxies; null = nothing. */
  store(): SharedStanding | null;
  /** What happens, for those who listen to `/events`. */
  readonly events: EventFeed;
  /** PEM of the internal CA's root; null while there is none. */
  internalRoot(): string | null;
}
