import type { Clock } from '../../base/clock.ts';

/** An issuer has checked a name within seconds, and its order is over within this. */
const waitMsMax = 90_000;
/** More than that are turned away at once. */
const waitingMax = 1_000;

interface Waiting {
  readonly enter: () => void;
}

/** So many may be in at a time; the others wait in their order, but not for ever. */
export class Places {
  #free: number;
  readonly #clock: Clock;
  readonly #queue = new Set<Waiting>();

  constructor(count: number, { clock }: { readonly clock: Clock }) {
    this.#free = count;
    this.#clock = clock;
  }

  /** Whether a place became free in time; who got one has to `leave`. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return true;
    }
    if (this.#queue.size >= waitingMax) return false;
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiting: Waiting = { enter: () => resolve(true) };
    // Whoever gives up leaves the queue in the same breath, or it could still be handed a place.
    const giveUp = (end: () => void) => {
      if (this.#queue.delete(waiting)) end();
    };
    const timer = this.#clock.setTimeout(() => giveUp(() => resolve(false)), waitMsMax);
    const abort = () => giveUp(() => reject(signal.reason));
    signal.addEventListener('abort', abort, { once: true });
    this.#queue.add(waiting);
    try {
      return await promise;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    }
  }

  leave(): void {
    const [next] = this.#queue;
    if (!next) {
      this.#free += 1;
      return;
    }
    this.#queue.delete(next);
    next.enter();
  }
}
