import { isDeepStrictEqual } from 'node:util';
import { type Draft, Drafting, type DraftingInput } from './drafting.ts';
import type { Claimant } from './pool.ts';
import { compareRoutePlaces } from './route-order.ts';

interface Remembered {
  readonly claimants: readonly Claimant[];
  readonly draft: Draft;
}

/**
 * What was drafted for the last table. A route whose containers are the same objects is the same object again: with 10,000
 * routes a change of one costs a third of drafting them all, and whoever compares tables compares references.
 */
export class DraftMemory {
  /** By route id, in matching order. */
  #remembered = new Map<string, Remembered>();
  #about: Pick<DraftingInput, 'place' | 'engines'> | null = null;

  /** @returns the drafts of all routes in matching order. */
  draftAll(wanted: ReadonlyMap<string, readonly Claimant[]>, input: DraftingInput): readonly Draft[] {
    const about = { place: input.place, engines: input.engines };
    // Where the proxy is and how its engines are reached decides every address.
    if (!isDeepStrictEqual(about, this.#about)) this.#remembered.clear();
    this.#about = about;

    const drafting = new Drafting(input);
    const drafted: Remembered[] = [];
    // In the order of the last table, which makes sorting a matter of the few that are new or have moved.
    for (const [id, before] of this.#remembered) {
      const claimants = wanted.get(id);
      if (claimants === undefined) continue;
      const same = isSame(before.claimants, claimants);
      drafted.push(same ? before : { claimants, draft: drafting.draft(claimants) });
    }
    for (const [id, claimants] of wanted) {
      if (!this.#remembered.has(id)) drafted.push({ claimants, draft: drafting.draft(claimants) });
    }
    drafted.sort((a, b) => compareRoutePlaces(a.draft, b.draft));
    this.#remembered = new Map(drafted.map((one) => [one.draft.route.id, one]));
    return drafted.map(({ draft }) => draft);
  }
}

/** Claims and readings are kept by the identity of the labels, containers by that of their last inspection. */
function isSame(before: readonly Claimant[], after: readonly Claimant[]): boolean {
  if (before.length !== after.length) return false;
  return before.every((one, i) => {
    const other = after[i] as Claimant;
    // In the network of another container the address is that one's, and it may have changed.
    if (one.container.networkMode.startsWith('container:')) return false;
    return one.container === other.container && one.reading === other.reading && one.claim === other.claim;
  });
}
