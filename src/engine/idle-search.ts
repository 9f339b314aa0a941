/** What may be ended while it waits. */
export interface Endable {
  readonly client: { readonly address: string };
  endIfIdle(): boolean;
}

/** So many connections are looked at for one that is wanted: a flood must not make every accept a walk through all of them. */
const looksMax = 64;

/** Finds connections that nobody would miss, where another needs their place: as nginx does, and as clients have to expect. */
export class IdleSearch {
  readonly #all: ReadonlySet<Endable>;
  /** Goes on where the last search stopped, oldest first, so that in the end all have been looked at. */
  #cursor: Iterator<Endable>;

  constructor(all: ReadonlySet<Endable>) {
    this.#all = all;
    this.#cursor = all.values();
  }

  /**
   * @param address of which client; of any where nothing is said.
   * @returns whether one was found and has ended.
   */
  endOne(address?: string): boolean {
    for (let looks = 0; looks < looksMax; looks++) {
      const next = this.#cursor.next();
      if (next.done) this.#cursor = this.#all.values();
      else if ((address ?? next.value.client.address) === next.value.client.address && next.value.endIfIdle())
        return true;
    }
    return false;
  }
}
