import { deserialize } from 'node:v8';
import type { NextTable } from '../proxy/next-table.ts';
import type { Route } from '../routing/table.ts';
import type { PackedTable } from './packed-table.ts';

/** No request waits longer than this for a table of any size, give or take one part. */
const turnMs = 0.5;

interface Part {
  /** Null once read. */
  bytes: Uint8Array | null;
  routes: readonly Route[] | null;
}

interface Arrival {
  readonly version: number;
  readonly parts: readonly Part[];
  /** Containers that were sent their stop signal after this table was made. */
  readonly withdrawn: string[];
}

export interface TableReceiverOptions {
  readonly begin: (version: number) => NextTable;
  /** Nothing new goes to the container from now on. */
  readonly withdraw: (containerId: string) => void;
  readonly onApplied: (version: number) => void;
  /** Monotonic ms. */
  readonly monotonic: () => number;
}

/**
 * Reads and compiles tables a little per turn of the event loop, so that requests go on meanwhile, and publishes each at once
 * when it is whole. Of those that come while one is being read only the newest follows: in a storm of changes each table
 * that is begun is also served. A small one is served before `receive` returns.
 */
export class TableReceiver {
  readonly #options: TableReceiverOptions;
  /** Of the table that came last. */
  #parts = new Map<number, Part>();
  #current: Arrival | null = null;
  #pending: Arrival | null = null;

  constructor(options: TableReceiverOptions) {
    this.#options = options;
  }

  /** @throws when a part is missing; a worker that ends with it is given the whole table. */
  receive({ version, parts }: PackedTable): void {
    const known = this.#parts;
    this.#parts = new Map();
    for (const { id, bytes } of parts) {
      const part = bytes === null ? known.get(id) : { bytes, routes: null };
      if (part === undefined) throw new Error(`part ${id} of table ${version} was never sent`);
      this.#parts.set(id, part);
    }
    const arrival: Arrival = { version, parts: [...this.#parts.values()], withdrawn: [] };
    if (this.#current === null) this.#start(arrival);
    else this.#pending = arrival;
  }

  /** Ahead of the table that will say so; what arrived before it must not say otherwise. */
  withdraw(containerId: string): void {
    this.#options.withdraw(containerId);
    this.#current?.withdrawn.push(containerId);
    this.#pending?.withdrawn.push(containerId);
  }

  #start(arrival: Arrival): void {
    this.#current = arrival;
    this.#turn(arrival, this.#options.begin(arrival.version), 0);
  }

  #turn(arrival: Arrival, next: NextTable, from: number): void {
    const { monotonic } = this.#options;
    const untilMs = monotonic() + turnMs;
    for (let at = from; at < arrival.parts.length; at++) {
      if (at > from && monotonic() >= untilMs) {
        setImmediate(() => this.#turn(arrival, next, at));
        return;
      }
      next.add(routesOf(arrival.parts[at] as Part));
    }
    this.#publish(arrival, next);
  }

  #publish({ version, withdrawn }: Arrival, next: NextTable): void {
    next.publish();
    for (const containerId of withdrawn) this.#options.withdraw(containerId);
    this.#current = null;
    this.#options.onApplied(version);
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null) this.#start(pending);
  }
}

function routesOf(part: Part): readonly Route[] {
  if (part.routes === null) {
    part.routes = deserialize(part.bytes as Uint8Array) as Route[];
    part.bytes = null;
  }
  return part.routes;
}
