/** A request that a peer has in hand. */
export interface Carried {
  /** Where it stands in its list, which alone writes it. */
  carriedAt: number;
  /** The peer is out of reach: no answer will come. */
  sever(): void;
}

/** What a peer has in hand, without an order: a Set costs each request four times as much. */
export class CarriedList {
  readonly #list: Carried[] = [];

  get size(): number {
    return this.#list.length;
  }

  add(one: Carried): void {
    one.carriedAt = this.#list.push(one) - 1;
  }

  /** One that is in it. */
  delete(one: Carried): void {
    const last = this.#list.pop();
    if (last === undefined || last === one) return;
    this.#list[one.carriedAt] = last;
    last.carriedAt = one.carriedAt;
  }

  severAll(): void {
    for (const one of [...this.#list]) one.sever();
  }
}
