/** Something for each route, of those that were touched last: a bound on what many routes can hold. */
export class LastRoutes<T> {
  readonly #max: number;
  readonly #make: () => T;
  readonly #routes = new Map<string, T>();

  constructor(max: number, make: () => T) {
    this.#max = max;
    this.#make = make;
  }

  get(route: string): T | undefined {
    return this.#routes.get(route);
  }

  touch(route: string): T {
    const found = this.#routes.get(route) ?? this.#make();
    // The one that was touched last comes last.
    this.#routes.delete(route);
    this.#routes.set(route, found);
    if (this.#routes.size > this.#max) this.#routes.delete(this.#routes.keys().next().value as string);
    return found;
  }
}
