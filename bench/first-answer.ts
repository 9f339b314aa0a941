import { setTimeout as sleep } from 'node:timers/promises';
import { type GetAnswer, type GetOptions, get } from './get.ts';

export interface FirstAnswer {
  /** From the call to the end of the first answer that was wanted. */
  readonly ms: number;
  /** What came instead before it: a status, or an error's code; each with how often. */
  readonly before: ReadonlyMap<string, number>;
}

/**
 * Asks again and again, each time on a fresh connection, until the wanted answer comes.
 * Throws with what came instead after `withinMs`.
 */
export async function firstAnswer(
  target: GetOptions,
  options: {
    readonly wanted: (answer: GetAnswer) => boolean;
    /** Pause between the end of one request and the next. */
    readonly everyMs: number;
    readonly withinMs: number;
    readonly signal: AbortSignal;
    /** Told of each failed attempt, to give up early by throwing. */
    readonly check?: () => void;
  },
): Promise<FirstAnswer> {
  const before = new Map<string, number>();
  const startedMs = performance.now();
  for (;;) {
    options.signal.throwIfAborted();
    let seen: string;
    try {
      const answer = await get({ timeoutMs: 2_000, ...target });
      const ms = performance.now() - startedMs;
      if (options.wanted(answer)) return { ms, before };
      seen = String(answer.status);
    } catch (error) {
      seen = (error as NodeJS.ErrnoException).code ?? String(error);
    }
    before.set(seen, (before.get(seen) ?? 0) + 1);
    options.check?.();
    if (performance.now() - startedMs > options.withinMs) {
      throw new Error(`no wanted answer within ${options.withinMs} ms; instead came ${countsText(before)}`);
    }
    await sleep(options.everyMs);
  }
}

/** Such as `12 × 503, 1 × ECONNRESET`. */
export function countsText(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return 'nothing';
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(', ');
}
