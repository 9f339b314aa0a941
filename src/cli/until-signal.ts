import type { Clock } from '../base/clock.ts';
import type { Terminal } from './terminal.ts';

/**
 * One wish may arrive twice: `timeout`, npm and many supervisors signal the process and its group, and a terminal signals
 * everybody by itself.
 */
const sameWishMs = 1_000;

/** Resolves with the first SIGTERM or SIGINT; a second one, a second later or more, calls `insisted`. */
export function untilSignal(about: {
  readonly signals: Terminal['signals'];
  readonly clock: Clock;
  insisted(): void;
}): Promise<string> {
  const { signals, clock, insisted } = about;
  return new Promise((resolve) => {
    let askedMs: number | null = null;
    const onSignal = (signal: string) => {
      if (askedMs === null) {
        askedMs = clock.monotonic();
        resolve(signal);
      } else if (clock.monotonic() - askedMs >= sameWishMs) insisted();
    };
    for (const signal of ['SIGTERM', 'SIGINT']) signals.on(signal, onSignal);
  });
}
