import type { HealthState } from './health.ts';

/** What checks say of a peer, for those who send it requests. */
export interface Gate {
  /** Its id; see `peerId`. */
  readonly peer: string;
  /** `starting` also of one that is gone: it is what holds for those of whom nothing is said. */
  readonly state: HealthState;
}
