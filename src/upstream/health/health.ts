import type { BackendCheck } from '../../routing/table.ts';

/** What checks have come to: nothing good yet, fit for requests, or not any more. */
export type HealthState = 'starting' | 'healthy' | 'unhealthy';

/** How a backend has fared in its checks. */
export interface Health {
  readonly state: HealthState;
  /** Monotonic ms since when it is in this state. */
  readonly sinceMs: number;
  /** Checks that ended while it was in this state. */
  readonly checks: number;
  /** The last so many in a row, within this state; one of them is 0. */
  readonly passes: number;
  readonly fails: number;
}

/** One that has not passed a check by then is not starting any more: it is broken, and whoever waits for it waits in vain. */
export const startingMsMax = 60_000;

export function newHealth(nowMs: number): Health {
  return { state: 'starting', sinceMs: nowMs, checks: 0, passes: 0, fails: 0 };
}

/**
 * One more check has ended. `rise` of them passed in a row make it healthy, `fall` failed ones unhealthy, whether or not others
 * are left: a request that nobody can take waits for its recovery and is told so, which is better than an answer that hangs.
 */
export function afterCheck(
  health: Health,
  outcome: 'passed' | 'failed',
  { rise, fall }: Pick<BackendCheck, 'rise' | 'fall'>,
  nowMs: number,
): Health {
  const passes = outcome === 'passed' ? health.passes + 1 : 0;
  const fails = outcome === 'failed' ? health.fails + 1 : 0;
  const state = stateAfter(health, { passes, fails }, { rise, fall }, nowMs);
  if (state !== health.state) return { state, sinceMs: nowMs, checks: 0, passes: 0, fails: 0 };
  return { ...health, checks: health.checks + 1, passes, fails };
}

function stateAfter(
  { state, sinceMs }: Health,
  { passes, fails }: Pick<Health, 'passes' | 'fails'>,
  { rise, fall }: Pick<BackendCheck, 'rise' | 'fall'>,
  nowMs: number,
): HealthState {
  switch (state) {
    case 'starting':
      if (passes >= rise) return 'healthy';
      return fails >= fall && nowMs - sinceMs >= startingMsMax ? 'unhealthy' : 'starting';
    case 'healthy':
      return fails >= fall ? 'unhealthy' : 'healthy';
    case 'unhealthy':
      return passes >= rise ? 'healthy' : 'unhealthy';
    default:
      return state satisfies never;
  }
}
