import type { Log } from '../base/log.ts';
import type { BucketTake } from '../store/redis/shared-limits.ts';
import type { FailuresMessage, HealthNews, LogMessage, SpanMessage, WorkerPlan } from './messages.ts';

/** What the data plane tells by itself. */
export interface DataPlaneEvents {
  readonly onListening: () => void;
  readonly onChallengesShown: (version: number) => void;
  /** A client waits for a certificate of this name. */
  readonly onNameWanted: (name: string) => void;
  readonly onHealth: (news: readonly HealthNews[]) => void;
  /** Lines of access logs to be written, or that were dropped. */
  readonly onLog: (message: LogMessage) => void;
  readonly onFailures: (failures: FailuresMessage) => void;
  /** Spans to be delivered, or that were dropped; never without `traceSample`. */
  readonly onSpans?: (message: SpanMessage) => void;
  /** A worker asks the count of all proxies. @returns as `SharedLimits.take`. */
  readonly onLimit: (takes: readonly BucketTake[], missed: number) => Promise<readonly number[] | null>;
  /** It has died, and what it knew with it. */
  readonly onDeath: () => void;
}

export interface DataPlaneOptions extends DataPlaneEvents {
  readonly plan: WorkerPlan;
  readonly workers: number;
  /** Where the cache has its directory; null = it is in memory alone. */
  readonly dataDir: string | null;
  readonly log: Log;
  /** Gives each data plane that is started a descriptor of its own for the access log; absent = that of the plan. */
  readonly openLog?: () => number | null;
}
