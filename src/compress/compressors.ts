/** Bodies that one worker compresses at a time: at 2.2 MB each, 140 MB at most (docs/compression.md). */
export const compressorsMax = 64;

/** The compressors of a worker: each holds memory for as long as its client takes, so there are only so many. */
export class Compressors {
  readonly #max: number;
  #busy = 0;

  constructor({ compressorsMax }: { readonly compressorsMax: number }) {
    this.#max = compressorsMax;
  }

  get busy(): number {
    return this.#busy;
  }

  /** @returns what gives the place back, however often it is called; null = all are taken. */
  take(): (() => void) | null {
    if (this.#busy >= this.#max) return null;
    this.#busy++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#busy--;
    };
  }
}
