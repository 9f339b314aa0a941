/**
 * The contract between the two planes. Only plain data crosses, and tables always cross whole: a plane that has just
 * started knows everything after one message.
 */
import type { CacheNumbers } from '../cache/cache-numbers.ts';
import type { PurgeRule } from '../cache/purge.ts';
import type { CensusMemory } from '../engine/census.ts';
import type { Limits } from '../engine/limits.ts';
import type { LogFormat } from '../labels/options.ts';
import type { BucketMemory } from '../limit/bucket-table.ts';
import type { FailedRequest } from '../proxy/failed-request.ts';
import type { Foresight, ForesightQuestion } from '../proxy/foresight.ts';
import type { SlowRequest } from '../proxy/slow-request.ts';
import type { BucketTake } from '../store/redis/shared-limits.ts';
import type { ChallengeAnswer } from '../tls/acme/challenge.ts';
import type { PackedCertificates } from '../tls/certificate-set.ts';
import type { CheckFailure } from '../upstream/health/check-failure.ts';
import type { Gate } from '../upstream/health/gate.ts';
import type { HealthState } from '../upstream/health/health.ts';
import type { PackedTable } from './packed-table.ts';

export interface ListenPlan {
  /** Undefined: every address, IPv4 and IPv6. */
  readonly host: string | undefined;
  /** Never 0: a free port was chosen before. */
  readonly port: number;
  readonly tls: boolean;
}

/** Where answers are kept (`proxy.cache`). */
export interface CachePlan {
  /** As the data plane sees it; null = in memory alone. */
  readonly directory: string | null;
  /** On disk; memory has a part of it on top. */
  readonly bytesMax: number;
  /** An entry that nobody asks for goes after so many ms; 0 = it stays. */
  readonly inactiveMs: number;
}

/** What a worker must know besides the table; fixed for its life. */
export interface WorkerPlan {
  readonly engine: 'h1' | 'node';
  readonly listen: readonly ListenPlan[];
  readonly trusted: readonly string[];
  /** Signs the cookies of `proxy.sticky`; kept on disk, so that sessions outlive a restart. */
  readonly affinityKey: string;
  readonly unknownHost: 'close' | '404' | '421';
  readonly limits: Limits;
  readonly cache: CachePlan;
  /** Descriptor that lines of the access log go to; relay = the control plane writes them; null = there is none. */
  readonly accessLogFd: number | 'relay' | null;
  readonly accessLogFormat: LogFormat;
  /** Spans are made of requests (`FAIRLEAD_OTLP`), of this share where nobody has decided; null = of none. */
  readonly traceSample: number | null;
  /** Limits are counted together with other proxies (`FAIRLEAD_STORE`). */
  readonly limitsShared: boolean;
  readonly logLevel: string;
  readonly logFormat: 'json' | 'pretty';
}

/** What a worker is born with. Memory is shared with the other workers and the main thread. */
export interface WorkerSeat {
  readonly plan: WorkerPlan;
  readonly census: CensusMemory;
  readonly counters: CounterMemory;
  readonly buckets: BucketMemory;
  /** See `DiskUsage`. */
  readonly diskUsage: SharedArrayBuffer;
  /** See `FetchLocks`. */
  readonly fetchLocks: SharedArrayBuffer;
  /** How many workers share the memory of the cache. */
  readonly workers: number;
  /** 48 bytes that session tickets are sealed with, the same for all workers, and known to this process alone. */
  readonly ticketKeys: Uint8Array;
  /** Which part of shared memory is its own to write, from 0 on; a worker that takes the place of one that died has its number. */
  readonly number: number;
}

/** One range per worker thread of each. */
export interface CounterMemory {
  readonly connections: readonly SharedArrayBuffer[];
  readonly routes: readonly SharedArrayBuffer[];
  readonly peers: readonly SharedArrayBuffer[];
  /** One for all; see `counterTurns`. */
  readonly peerTurns: SharedArrayBuffer;
  /** One for all, because workers decide together who is left out. */
  readonly ejections: SharedArrayBuffer;
}

/** How far places are in use, from the first on. */
export interface CounterPlaces {
  readonly routes: number;
  readonly peers: number;
  readonly ejections: number;
}

/** Counters that have changed since the last report, as `CounterSums.changed` gives them. */
export interface TrafficReport {
  readonly connections: Float64Array;
  readonly routes: Float64Array;
  readonly peers: Float64Array;
  /** Numbers of all backends that are left out now. */
  readonly ejected: readonly number[];
}

/** To a worker, through the data plane's main thread. */
export type ToWorker =
  | { readonly type: 'table'; readonly table: PackedTable }
  | { readonly type: 'certificates'; readonly set: PackedCertificates }
  /** The whole list of what issuers may ask for. */
  | { readonly type: 'challenges'; readonly version: number; readonly answers: readonly ChallengeAnswer[] }
  /** What the main thread's checks have found, or all that it knows for a worker that has just started. */
  | { readonly type: 'gates'; readonly gates: readonly Gate[] }
  | { readonly type: 'tickets'; readonly ticketKeys: Uint8Array }
  /** A container was sent its stop signal: nothing new goes there, ahead of the table that says so. */
  | { readonly type: 'withdraw'; readonly containerId: string }
  /** Another worker has learnt that all answers of a key are void. */
  | { readonly type: 'cache-void'; readonly key: string }
  /** Says what it holds, after it has dropped what a rule is about. */
  | { readonly type: 'cache'; readonly ask: number; readonly rule: PurgeRule | null }
  /** What would become of a request that nobody has sent? */
  | { readonly type: 'foresee'; readonly ask: number; readonly question: ForesightQuestion }
  /** What was found in the buckets of all proxies, ms, in the order of the takes; null where nobody can say. */
  | { readonly type: 'limit'; readonly ask: number; readonly backlogsMs: readonly number[] | null }
  /** Writes into shared memory what its connections are busy with now, and says when it has. */
  | { readonly type: 'look' }
  /** The control plane has so many bytes of log lines more. */
  | { readonly type: 'log-taken'; readonly bytes: number }
  /** The control plane has so many bytes of spans more. */
  | { readonly type: 'spans-taken'; readonly bytes: number }
  /** The file of the access log has moved: from now on the control plane writes its lines. */
  | { readonly type: 'reopen-log' }
  /** Stop accepting, finish what is in flight, close tunnels with 1001, cut the rest after `graceMs`. */
  | { readonly type: 'drain'; readonly graceMs: number };

/** Lines of access logs that the control plane writes, or that nobody could take. */
export type LogMessage =
  | { readonly type: 'log'; readonly file: string; readonly bytes: Uint8Array; readonly lines: number }
  | { readonly type: 'log-dropped'; readonly lines: number };

/** Requests that failed or were slow, with their routes, and how many failed of which no more is told. */
export interface FailuresMessage {
  readonly type: 'failures';
  readonly failed: readonly { readonly route: string; readonly request: FailedRequest }[];
  readonly more: number;
  readonly slow: readonly { readonly route: string; readonly request: SlowRequest }[];
}

/** Spans that the control plane delivers, as `SpanRelay` has them, or for which there was no room. */
export type SpanMessage =
  | { readonly type: 'spans'; readonly bytes: Uint8Array; readonly spans: number }
  | { readonly type: 'spans-dropped'; readonly spans: number };

export type FromWorker =
  | { readonly type: 'listening' }
  | { readonly type: 'applied'; readonly version: number }
  | { readonly type: 'challenges-shown'; readonly version: number }
  /** A client asks for a name whose certificate is to be had on demand. */
  | { readonly type: 'name-wanted'; readonly name: string }
  | { readonly type: 'looked' }
  /** Takes tokens out of the buckets of all proxies. `missed`: requests that had no answer in time, since the last message. */
  | { readonly type: 'limit'; readonly ask: number; readonly takes: readonly BucketTake[]; readonly missed: number }
  | LogMessage
  | FailuresMessage
  | SpanMessage
  /** After `reopen-log`: nothing is written to the descriptor any more. */
  | { readonly type: 'log-released' }
  /** For the other workers. */
  | { readonly type: 'cache-void'; readonly key: string }
  | {
      readonly type: 'cache';
      readonly ask: number;
      readonly bytes: number;
      readonly entries: number;
      readonly purged: number;
    }
  /** null = it does not know the route. */
  | { readonly type: 'foresight'; readonly ask: number; readonly foresight: Foresight | null }
  | { readonly type: 'drained' };

/** To the data plane process. */
export type ToDataPlane =
  | { readonly type: 'start'; readonly workers: number; readonly plan: WorkerPlan }
  /** `places`: how far counters are in use. `activity`: whether workers look first what their connections are busy with. */
  | {
      readonly type: 'traffic';
      readonly ask: number;
      readonly places: CounterPlaces;
      readonly activity: 'fresh' | 'stale';
    }
  /** How full is a bucket? Nothing is taken out of it. */
  | { readonly type: 'backlog'; readonly ask: number; readonly scope: number; readonly key: string }
  /** For the worker of that number. */
  | {
      readonly type: 'limit';
      readonly worker: number;
      readonly ask: number;
      readonly backlogsMs: readonly number[] | null;
    }
  | Exclude<ToWorker, { type: 'look' | 'tickets' | 'gates' | 'cache-void' | 'limit' | 'log-taken' | 'spans-taken' }>;

/** What checks have found about a peer, or that it is not checked any more. */
export type HealthNews =
  | {
      readonly peer: string;
      readonly container: string;
      /** `host:port`, for people. */
      readonly address: string;
      readonly state: HealthState;
      /** null where the last check passed, or none has ended yet. */
      readonly failure: CheckFailure | null;
    }
  | { readonly peer: string; readonly state: 'gone' };

export type FromDataPlane =
  /** Every worker listens. */
  | { readonly type: 'listening' }
  /** Every worker serves this version. */
  | { readonly type: 'applied'; readonly version: number }
  /** Every worker answers these challenges. */
  | { readonly type: 'challenges-shown'; readonly version: number }
  | { readonly type: 'name-wanted'; readonly name: string }
  /** What has changed since it was told last; a failure that changes no state comes with the next report of traffic. */
  | { readonly type: 'health'; readonly news: readonly HealthNews[] }
  | { readonly type: 'traffic'; readonly ask: number; readonly report: TrafficReport }
  | { readonly type: 'cache'; readonly ask: number; readonly numbers: CacheNumbers }
  /** ms. */
  | { readonly type: 'backlog'; readonly ask: number; readonly backlogMs: number }
  /** Of those workers that answered in time, out of so many. */
  | {
      readonly type: 'foresights';
      readonly ask: number;
      readonly workers: number;
      readonly foresights: readonly (Foresight | null)[];
    }
  /** As its worker has said it. */
  | (Extract<FromWorker, { type: 'limit' }> & { readonly worker: number })
  | LogMessage
  | FailuresMessage
  | SpanMessage
  | { readonly type: 'cache-unusable'; readonly cause: string }
  | { readonly type: 'worker-restarted'; readonly cause: string };
