import { type CounterShape, counterRange } from './shared-counters.ts';

/** Adds up what all threads have counted, those that have ended included. */
export class CounterSums {
  readonly #shape: CounterShape;
  readonly #ranges: readonly Float64Array[];
  /** What threads that are gone have left. */
  readonly #past: Float64Array;
  /** What `changed` told last. */
  readonly #told: Float64Array;

  constructor(shape: CounterShape, buffers: readonly SharedArrayBuffer[]) {
    this.#shape = shape;
    this.#ranges = buffers.map((buffer) => new Float64Array(buffer));
    this.#past = new Float64Array(counterRange(shape));
    this.#told = new Float64Array(counterRange(shape));
  }

  /** A thread has ended: its range is empty for the next one, and what it had counted is kept, but for its gauges. */
  retire(thread: number): void {
    const range = this.#ranges[thread] as Float64Array;
    const past = this.#past;
    const { blocks, cells, gauges } = this.#shape;
    for (let head = 0; head < blocks * (cells + 1); head += cells + 1) {
      const number = range[head] as number;
      // Of two numbers for one place the larger is the newer one.
      if (number === 0 || number < (past[head] as number)) continue;
      if (past[head] !== number) past.fill(0, head, head + 1 + cells);
      past[head] = number;
      for (let cell = 0; cell < cells; cell++) {
        const at = head + 1 + cell;
        if (!gauges.includes(cell)) past[at] = (past[at] as number) + (range[at] as number);
      }
      range.fill(0, head, head + 1 + cells);
    }
  }

  /**
   * Blocks that have changed since this was asked last, one behind the other: each its number and its cells.
   *
   * @param blocks how many places are in use, from the first on.
   */
  changed(blocks = this.#shape.blocks): Float64Array {
    const size = this.#shape.cells + 1;
    const told = this.#told;
    const changed: number[] = [];
    const sums = new Float64Array(size);
    for (let head = 0; head < Math.min(blocks, this.#shape.blocks) * size; head += size) {
      if (!this.#sum(head, sums)) continue;
      let at = 0;
      while (at < size && told[head + at] === sums[at]) at++;
      if (at === size) continue;
      told.set(sums, head);
      changed.push(head);
    }
    const report = new Float64Array(changed.length * size);
    for (const [i, head] of changed.entries()) report.set(told.subarray(head, head + size), i * size);
    return report;
  }

  /** False where nobody counts. */
  #sum(head: number, into: Float64Array): boolean {
    let number = this.#past[head] as number;
    for (const range of this.#ranges) number = Math.max(number, range[head] as number);
    if (number === 0) return false;
    into.fill(0);
    into[0] = number;
    addBlock(this.#past, head, into);
    for (const range of this.#ranges) addBlock(range, head, into);
    return true;
  }
}

function addBlock(range: Float64Array, head: number, into: Float64Array): void {
  if (range[head] !== into[0]) return;
  for (let i = 1; i < into.length; i++) into[i] = (into[i] as number) + (range[head + i] as number);
}
