import type { BackendCheck } from '../../routing/table.ts';
import type { Health } from './health.ts';

/** Of one that is not healthy: the first pause, doubled each time up to the last … */
const eagerMsMin = 25;
const eagerMsMax = 500;
/** … for so long; then it is asked like any other. */
const eagerForMs = 60_000;
/** Where `health.interval` is off, one that is not healthy is still asked. */
const intervalMsDefault = 10_000;

/**
 * Ms until the next check; null = none, because nobody asked for more than the gate. One that is not healthy is asked often at
 * first, because requests wait for it. The healthy ones are spread over their interval, so that many that began together are
 * not asked together.
 * @param about `random` from 0 to 1; `leastMs` is what its company leaves each of them.
 */
export function nextCheckMs(
  { state, sinceMs, checks, passes }: Health,
  { intervalMs }: Pick<BackendCheck, 'intervalMs'>,
  about: { readonly random: number; readonly nowMs: number; readonly leastMs: number },
): number | null {
  const { random, nowMs, leastMs } = about;
  const apartMs = Math.max(intervalMs === 0 ? intervalMsDefault : intervalMs, leastMs);
  const usualMs = apartMs * (0.9 + 0.2 * random);
  switch (state) {
    case 'healthy':
      if (intervalMs === 0) return null;
      return checks === 0 ? apartMs * random : usualMs;
    case 'unhealthy':
      // A single good answer is no recovery where several are asked for: they are to lie as far apart as in good times.
      return passes > 0 ? usualMs : Math.max(leastMs, eager(checks, nowMs - sinceMs, usualMs));
    case 'starting':
      return Math.max(leastMs, eager(checks, nowMs - sinceMs, usualMs));
    default:
      return state satisfies never;
  }
}

function eager(checks: number, forMs: number, usualMs: number): number {
  if (forMs >= eagerForMs) return usualMs;
  return Math.min(eagerMsMin * 2 ** Math.max(0, checks - 1), eagerMsMax, usualMs);
}
