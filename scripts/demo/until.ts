import { setTimeout as sleep } from 'node:timers/promises';

/** 20 s: an engine under load starts containers slowly. */
const timeoutMs = 20_000;

/** Asks again and again until there is a result. After 20 s it throws, saying what was awaited and what came last; at once when `signal` is given. */
export async function until<T>(what: string, signal: AbortSignal, look: () => Promise<T | undefined>): Promise<T> {
  const endMs = Date.now() + timeoutMs;
  for (;;) {
    let last: unknown = 'nothing was there';
    try {
      const result = await look();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    signal.throwIfAborted();
    if (Date.now() > endMs) {
      throw new Error(`${what}: not within ${timeoutMs / 1000} s (${last instanceof Error ? last.message : last})`);
    }
    await sleep(50);
  }
}
