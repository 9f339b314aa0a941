import type { Clock } from '../base/clock.ts';

interface Asking<T> {
  readonly answers: T[];
  readonly wanted: number;
  readonly done: () => void;
}

/** Questions to all workers at once, and what they answer to each. */
export class Gathering<T extends { readonly ask: number }> {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #asking = new Map<number, Asking<T>>();

  /** @param timeoutMs a worker that has not answered by then is stuck, and serves nobody. */
  constructor(clock: Clock, { timeoutMs }: { readonly timeoutMs: number }) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * @param tell asks the workers.
   * @returns what those said who answered in time.
   */
  ask(ask: number, workers: number, tell: () => void): Promise<readonly T[]> {
    return new Promise((resolve) => {
      const answers: T[] = [];
      const done = (): void => {
        timer.cancel();
        this.#asking.delete(ask);
        resolve(answers);
      };
      const timer = this.#clock.setTimeout(done, this.#timeoutMs);
      this.#asking.set(ask, { answers, wanted: workers, done });
      tell();
    });
  }

  answered(answer: T): void {
    const asking = this.#asking.get(answer.ask);
    if (asking === undefined) return;
    asking.answers.push(answer);
    if (asking.answers.length >= asking.wanted) asking.done();
  }
}
