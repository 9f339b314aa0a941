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
    const drafts: Draft[] = [];
    let inOrder = true;
    for (const [id, before] of this.#remembered) {
      const claimants = wanted.get(id);
      if (claimants === undefined) {
        this.#remembered.delete(id);
        continue;
      }
      let { draft } = before;
      if (!isSame(before.claimants, claimants)) {
        draft = drafting.draft(claimants);
        this.#remembered.set(id, { claimants, draft });
        inOrder &&= hasPlaceOf(before.draft, draft);
      }
      drafts.push(draft);
    }
    if (wanted.size > this.#remembered.size) {
      for (const [id, claimants] of wanted) {
        if (this.#remembered.has(id)) continue;
        const draft = drafting.draft(claimants);
        this.#remembered.set(id, { claimants, draft });
        drafts.push(draft);
      }
      inOrder = false;
    }
    if (inOrder) return drafts;
    drafts.sort(compareRoutePlaces);
    const inPlace = drafts.map(({ route: { id } }) => [id, this.#remembered.get(id) as Remembered] as const);
    this.#remembered = new Map(inPlace);
    return drafts;
  }
}

/** Of one route: whatever else its place depends on is in its id. */
function hasPlaceOf(before: Draft, after: Draft): boolean {
  return (
    before.createdMs === after.createdMs &&
    before.position === after.position &&
    before.route.priority === after.route.priority
  );
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
