import { attempt, type Outcome } from './attempt.ts';
import type { KeeperTools } from './keeper-tools.ts';
import { Lanes } from './lanes.ts';
import type { Pursuit } from './pursuit.ts';

/** Dry runs at once, and those that wait for their turn: each holds a request of the admin API, and orders at staging. */
const [atOnceMax, waitingMax] = [2, 16];
const refusedMs = 60_000;

/** Whole orders at staging, without consequences. */
export class Rehearsals {
  readonly #tools: KeeperTools;
  readonly #signal: AbortSignal;
  readonly #lanes = new Lanes(atOnceMax);

  constructor(tools: KeeperTools, signal: AbortSignal) {
    this.#tools = tools;
    this.#signal = signal;
  }

  /** @throws what the ledger's store throws. */
  async run({ wanted, held }: Pursuit): Promise<Outcome> {
    if (this.#lanes.waiting >= waitingMax)
      return { kind: 'not-yet', notBeforeMs: this.#tools.clock.now() + refusedMs, why: 'other dry runs are under way' };
    const about = { purpose: 'rehearsal', held, signal: this.#signal, isWanted: () => true, at: () => {} } as const;
    return this.#lanes.run(() => attempt(wanted, this.#tools, about));
  }
}
