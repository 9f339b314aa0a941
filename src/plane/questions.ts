/** Questions under way at once. */
const questionsMax = 64;

/** What another process was asked and has not answered yet. */
export class Questions<T> {
  readonly #waiting = new Map<number, (answer: T | null) => void>();
  #last = 0;

  /** @returns null where no answer comes in time, or too much is asked already. */
  ask(timeoutMs: number, send: (number: number) => void): Promise<T | null> {
    if (this.#waiting.size >= questionsMax) return Promise.resolve(null);
    const number = ++this.#last;
    return new Promise((resolve) => {
      const heard = (answer: T | null): void => {
        clearTimeout(timer);
        this.#waiting.delete(number);
        resolve(answer);
      };
      const timer = setTimeout(() => heard(null), timeoutMs);
      this.#waiting.set(number, heard);
      send(number);
    });
  }

  /** One that comes too late is of no use any more. */
  answer(number: number, answer: T): void {
    this.#waiting.get(number)?.(answer);
  }

  /** Whoever was asked is gone: nobody hears any more. */
  giveUp(): void {
    for (const heard of [...this.#waiting.values()]) heard(null);
  }
}
