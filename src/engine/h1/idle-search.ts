/** So many connections are looked at for one that is wanted: a flood must not make every accept a walk through all of them. */
const looksMax = 64;

/** Finds connections that nobody would miss, where another needs their place: as nginx does, and as clients have to expect. */
export class IdleSearch {
  readonly #all: ReadonlySet<{ endIfIdle(): boolean }>;
  /** Goes on where the last search stopped, oldest first, so that in the end all have been looked at. */
  #cursor: Iterator<{ endIfIdle(): boolean }>;

  constructor(all: ReadonlySet<{ endIfIdle(): boolean }>) {
    this.#all = all;
    this.#cursor = all.values();
  }

  /** @returns whether one was found and has ended. */
  endOne(): boolean {
    for (let looks = 0; looks < looksMax; looks++) {
      const next = this.#cursor.next();
      if (next.done) this.#cursor = this.#all.values();
      else if (next.value.endIfIdle()) return true;
    }
    return false;
  }
}
