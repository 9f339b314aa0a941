/**
 * Numbers that the threads of a process keep together without locks: each thread writes into a range of its own, nobody else
 * does, and who wants to know adds up all ranges and may be a moment behind.
 *
 * Who counts for something is given a number for it. Its remainder by the count of blocks is the place of the block, the same
 * in all ranges, and no number is given twice: it stands at the head of the block, so that a place which has gone to
 * something else is noticed by whoever still counts for the old.
 *
 * Doubles, because they are exact up to 2⁵³ and a plain addition costs 3 ns; no 64-bit machine tears an aligned one.
 */
export interface CounterShape {
  readonly blocks: number;
  /** Numbers in each block. */
  readonly cells: number;
  /** Cells that say what is now, not what has been: nothing of them outlives the thread that wrote them. */
  readonly gauges: readonly number[];
}

/** Memory for the range of one thread; what is not used takes no room. */
export function counterRange({ blocks, cells }: CounterShape): SharedArrayBuffer {
  return new SharedArrayBuffer(blocks * (cells + 1) * Float64Array.BYTES_PER_ELEMENT);
}

/** What one thread counts for one thing. */
export class CounterBlock {
  readonly number: number;
  readonly #ranges: readonly Float64Array[];
  readonly #own: Float64Array;
  readonly #head: number;

  constructor(number: number, place: { ranges: readonly Float64Array[]; own: Float64Array; head: number }) {
    this.number = number;
    this.#ranges = place.ranges;
    this.#own = place.own;
    this.#head = place.head;
  }

  add(cell: number, value: number): void {
    const own = this.#own;
    const head = this.#head;
    if (own[head] === this.number) own[head + 1 + cell] = (own[head + 1 + cell] as number) + value;
  }

  /** For a gauge that is measured. */
  set(cell: number, value: number): void {
    if (this.#own[this.#head] === this.number) this.#own[this.#head + 1 + cell] = value;
  }

  /** Over all threads. */
  sum(cell: number): number {
    let sum = 0;
    for (const range of this.#ranges) {
      if (range[this.#head] === this.number) sum += range[this.#head + 1 + cell] as number;
    }
    return sum;
  }
}

/** The blocks of one thread. */
export class ThreadCounters {
  readonly #shape: CounterShape;
  readonly #ranges: readonly Float64Array[];
  readonly #own: Float64Array | undefined;

  /** @param own which of the ranges this thread writes; without ranges every block stands alone. */
  constructor(shape: CounterShape, buffers: readonly SharedArrayBuffer[] = [], own = 0) {
    this.#shape = shape;
    this.#ranges = buffers.map((buffer) => new Float64Array(buffer));
    this.#own = this.#ranges[own];
  }

  /** @param number 0 = a block that nobody else sees. */
  block(number: number): CounterBlock {
    const { blocks, cells } = this.#shape;
    const own = this.#own;
    if (number === 0 || own === undefined) {
      const alone = new Float64Array(cells + 1);
      alone[0] = number;
      return new CounterBlock(number, { ranges: [alone], own: alone, head: 0 });
    }
    const head = (number % blocks) * (cells + 1);
    if (own[head] !== number) {
      // The head last: a reader must not take what is left of another for this one's.
      own[head] = 0;
      own.fill(0, head + 1, head + 1 + cells);
      own[head] = number;
    }
    return new CounterBlock(number, { ranges: this.#ranges, own, head });
  }
}
