/** A worker that has not looked by then is stuck, and what it saw last has not changed much since. */
const lookMsMax = 100;

interface Looker {
  /** Was asked to, and has not said that it has. */
  readonly looking: boolean;
  look(): void;
}

/** Has all workers look what their connections are busy with, and goes on when they have. */
export class LookRound {
  readonly #workers: () => readonly Looker[];
  readonly #waiting = new Set<() => void>();

  constructor(workers: () => readonly Looker[]) {
    this.#workers = workers;
  }

  begin(then: () => void): void {
    const goOn = (): void => {
      clearTimeout(timer);
      this.#waiting.delete(goOn);
      then();
    };
    const timer = setTimeout(goOn, lookMsMax);
    this.#waiting.add(goOn);
    for (const worker of this.#workers()) worker.look();
    this.seen();
  }

  /** One of them has looked, or is gone. */
  seen(): void {
    if (this.#workers().some(({ looking }) => looking)) return;
    for (const goOn of [...this.#waiting]) goOn();
  }
}
