import type { Clock } from '../../base/clock.ts';

export interface Bound<T> {
  readonly clock: Clock;
  readonly ms: number;
  /** Null = nobody gives up before. */
  readonly signal: AbortSignal | null;
  /** What to reject with when the time is over. */
  overdue(): Error;
  /** Gets a value that came after all had been given up. */
  late?(value: T): void;
}

/**
 * Work that ends in time: `start` gets a signal that fires when the time is over or the caller gives up, and nobody waits for it
 * then. Rejects with the caller's reason, with `overdue()`, or with what the work rejects with.
 */
export function within<T>(bound: Bound<T>, start: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { clock, ms, signal } = bound;
  if (signal?.aborted) return Promise.reject(signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const controller = new AbortController();
  let open = true;
  const end = () => {
    open = false;
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  };
  const giveUp = (reason: unknown) => {
    end();
    reject(reason);
    controller.abort(reason);
  };
  const onAbort = () => giveUp(signal?.reason);
  const timer = clock.setTimeout(() => giveUp(bound.overdue()), ms);
  signal?.addEventListener('abort', onAbort);
  start(controller.signal).then(
    (value) => {
      if (!open) return bound.late?.(value);
      end();
      resolve(value);
    },
    (error: unknown) => {
      if (!open) return;
      end();
      reject(error);
    },
  );
  return promise;
}
