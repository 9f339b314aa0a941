import { Matcher } from '../routing/matcher.ts';
import type { Route } from '../routing/table.ts';
import type { NextPeers } from '../upstream/next-peers.ts';

/** A table while it is compiled, part by part; nobody is served by it before it is published. */
export class NextTable {
  readonly version: number;
  readonly matcher = new Matcher([]);
  readonly parts = new Set<readonly Route[]>();
  readonly peers: NextPeers;
  readonly #take: (next: NextTable) => void;

  /** @param take makes it the current one. */
  constructor(version: number, peers: NextPeers, take: (next: NextTable) => void) {
    this.version = version;
    this.peers = peers;
    this.#take = take;
  }

  /** The next routes in matching order. The same array as in the table before = the same routes. */
  add(part: readonly Route[]): void {
    this.parts.add(part);
    this.peers.add(part);
    for (const route of part) this.matcher.add(route);
  }

  /** Once, behind the last part. */
  publish(): void {
    this.#take(this);
  }
}
