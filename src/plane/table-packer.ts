import { serialize } from 'node:v8';
import { hash32 } from '../base/hash.ts';
import type { Route, RouteTable } from '../routing/table.ts';
import { peerId } from '../upstream/peer.ts';
import type { PackedPart, PackedTable } from './packed-table.ts';

/** On average; one part takes about 0.3 ms to read. */
const partRoutes = 64;
const partRoutesMax = 4 * partRoutes;

/** What routes and containers are counted under; the same for as long as a table names them. */
export interface Numbering {
  route(id: string): number;
  peer(containerId: string): number;
  ejection(peerId: string): number;
}

interface Part extends PackedPart {
  readonly bytes: Uint8Array;
  readonly routes: readonly Route[];
}

/**
 * Packs one table after the other in parts. Where a part ends is decided by the routes themselves (one whose id hashes to a
 * round number is the last of its part), so that a route more or less shifts no other part; and a part whose routes are the
 * same objects as before is not written again.
 */
export class TablePacker {
  /** Of the last table, by the id of their first route. */
  #parts = new Map<string, Part>();
  #lastId = 0;
  readonly #numbers: Numbering;

  constructor(numbers: Numbering) {
    this.#numbers = numbers;
  }

  pack({ version, routes }: RouteTable): PackedTable {
    const parts = new Map<string, Part>();
    for (let from = 0; from < routes.length; ) {
      const end = partEnd(routes, from);
      const first = routes[from] as Route;
      const before = this.#parts.get(first.id);
      const part =
        before !== undefined && isPart(before, routes, from, end) ? before : this.#write(routes.slice(from, end));
      parts.set(first.id, part);
      from = end;
    }
    this.#parts = parts;
    return { version, parts: [...parts.values()].map(({ id, bytes }) => ({ id, bytes })) };
  }

  #write(routes: readonly Route[]): Part {
    return { id: ++this.#lastId, bytes: serialize(routes.map((route) => this.#numbered(route))), routes };
  }

  #numbered(route: Route): Route {
    const counter = this.#numbers.route(route.id);
    if (route.serving.kind !== 'pool') return { ...route, counter };
    const backends = route.serving.backends.map((one) => ({
      ...one,
      counter: this.#numbers.peer(one.id),
      ejection: this.#numbers.ejection(peerId(one)),
    }));
    return { ...route, counter, serving: { kind: 'pool', backends } };
  }
}

function partEnd(routes: readonly Route[], from: number): number {
  const last = Math.min(from + partRoutesMax, routes.length) - 1;
  let at = from;
  while (at < last && hash32((routes[at] as Route).id) % partRoutes !== 0) at++;
  return at + 1;
}

function isPart({ routes }: Part, of: readonly Route[], from: number, end: number): boolean {
  return routes.length === end - from && routes.every((route, i) => route === of[from + i]);
}
