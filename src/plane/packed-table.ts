import { deserialize, serialize } from 'node:v8';
import type { Route, RouteTable } from '../routing/table.ts';

/** Routes per part: reading one takes about a millisecond, so that no request waits longer for a table of any size. */
const partRoutes = 250;

/** A table as bytes, in parts: packed once, passed on unread by the data plane's main thread, unpacked by each worker. */
export interface PackedTable {
  readonly version: number;
  readonly parts: readonly Uint8Array[];
}

export function packTable({ version, routes }: RouteTable): PackedTable {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < routes.length; from += partRoutes)
    parts.push(serialize(routes.slice(from, from + partRoutes)));
  return { version, parts };
}

/**
 * Unpacks tables one part per turn of the event loop, so that requests go on meanwhile. Of those that come while one is
 * being unpacked only the newest follows: in a storm of changes each table that is begun is also served. A small one is
 * there before `unpack` returns.
 */
export class TableUnpacker {
  readonly #onTable: (table: RouteTable) => void;
  #busy = false;
  #pending: PackedTable | null = null;

  constructor(onTable: (table: RouteTable) => void) {
    this.#onTable = onTable;
  }

  unpack(packed: PackedTable): void {
    if (this.#busy) {
      this.#pending = packed;
      return;
    }
    this.#busy = true;
    this.#next(packed, [], 0);
  }

  #done(table: RouteTable): void {
    this.#busy = false;
    this.#onTable(table);
    const pending = this.#pending;
    this.#pending = null;
    if (pending !== null) this.unpack(pending);
  }

  #next(packed: PackedTable, routes: Route[], at: number): void {
    const part = packed.parts[at];
    if (part !== undefined) routes.push(...(deserialize(part) as Route[]));
    if (at + 1 < packed.parts.length) setImmediate(() => this.#next(packed, routes, at + 1));
    else this.#done({ version: packed.version, routes });
  }
}
