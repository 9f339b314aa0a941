import { Predicates } from '../routing/predicates.ts';
import type { CachePolicy } from '../routing/table.ts';

/** What a route that keeps answers needs to decide. */
export interface Caching {
  readonly policy: CachePolicy;
  readonly predicates: Predicates;
}

export function toCaching(policy: CachePolicy | null): Caching | null {
  return policy === null ? null : { policy, predicates: new Predicates() };
}
