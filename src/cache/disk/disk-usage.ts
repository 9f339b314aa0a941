/** Bytes on disk, counted together by all threads: workers add what they write, the janitor takes away what it removes. */
export class DiskUsage {
  readonly #cells: BigInt64Array;

  constructor(memory = DiskUsage.memory()) {
    this.#cells = new BigInt64Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  }

  get bytes(): number {
    return Number(Atomics.load(this.#cells, 0));
  }

  add(bytes: number): void {
    Atomics.add(this.#cells, 0, BigInt(bytes));
  }
}
