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

/** Memory for what all threads take turns by, where they count up to a limit together; see `CounterBlock.addBelow`. */
export function counterTurns({ blocks }: CounterShape): SharedArrayBuffer {
  return new SharedArrayBuffer(blocks * Int32Array.BYTES_PER_ELEMENT);
}

/** What one thread counts for one thing. */
export class CounterBlock {
  readonly number: number;
  readonly #ranges: readonly Float64Array[];
  readonly #own: Float64Array;
  readonly #head: number;
  /** Null where no other thread counts. */
  readonly #turns: Int32Array | null;
  readonly #turnAt: number;

  constructor(number: number, place: CounterPlace) {
    this.number = number;
    this.#ranges = place.ranges;
    this.#own = place.own;
    this.#head = place.head;
    this.#turns = place.turns;
    this.#turnAt = place.turnAt;
  }

  add(cell: number, value: number): void {
    const own = this.#own;
    const head = this.#head;
    if (own[head] === this.number) own[head + 1 + cell] = (own[head + 1 + cell] as number) + value;
  }

  /**
   * Adds 1 where the sum over all threads is below `max`. Of threads that do so at the same moment one has its turn and the others
   * look again: whoever sees the turn of before must have seen all that was added in it. A thread that dies has no turn to give back.
   */
  addBelow(cell: number, max: number): boolean {
    const turns = this.#turns;
    for (;;) {
      const turn = turns === null ? 0 : Atomics.load(turns, this.#turnAt);
      if (this.sum(cell) >= max) return false;
      this.add(cell, 1);
      if (turns === null || Atomics.compareExchange(turns, this.#turnAt, turn, (turn + 1) | 0) === turn) return true;
      this.add(cell, -1);
    }
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

interface CounterPlace {
  readonly ranges: readonly Float64Array[];
  readonly own: Float64Array;
  readonly head: number;
  readonly turns: Int32Array | null;
  readonly turnAt: number;
}

/** The blocks of one thread. */
export class ThreadCounters {
  readonly #shape: CounterShape;
  readonly #ranges: readonly Float64Array[];
  readonly #own: Float64Array | undefined;
  readonly #turns: Int32Array | null;

  /**
   * @param own which of the ranges this thread writes; without ranges every block stands alone.
   * @param turns for `addBelow`; without it threads may add one too many each.
   */
  constructor(
    shape: CounterShape,
    buffers: readonly SharedArrayBuffer[] = [],
    own = 0,
    turns: SharedArrayBuffer | null = null,
  ) {
    this.#shape = shape;
    this.#turns = turns === null ? null : new Int32Array(turns);
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
      return new CounterBlock(number, { ranges: [alone], own: alone, head: 0, turns: null, turnAt: 0 });
    }
    const turnAt = number % blocks;
    const head = turnAt * (cells + 1);
    if (own[head] !== number) {
      // The head last: a reader must not take what is left of another for this one's.
      own[head] = 0;
      own.fill(0, head + 1, head + 1 + cells);
      own[head] = number;
    }
    return new CounterBlock(number, { ranges: this.#ranges, own, head, turns: this.#turns, turnAt });
  }
}
