import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { record } from './results.ts';
import type { Tally } from './tally.ts';

export interface Outcome {
  readonly tally: Tally;
  /** Of the route that nothing was done to. */
  readonly others: Tally;
  readonly note?: string;
  /** Where what is owed is known only afterwards. */
  readonly allowed?: number;
  /** Failures and cuts of clients of the other route, where the scenario concerns all. Default 0. */
  readonly othersAllowed?: number;
}

export interface ScenarioWish {
  readonly rounds: number;
  readonly allowed: number;
}

/** As many rounds as the scenario says, and no more than FAIRLEAD_CHAOS_ROUNDS. */
export function rounds(usual: number): number {
  return Math.min(usual, Number(process.env.FAIRLEAD_CHAOS_ROUNDS ?? usual));
}

/** A test that measures: its row is written to FAIRLEAD_CHAOS_RESULTS whether or not it holds. */
export function scenario(name: string, wish: ScenarioWish, run: (t: TestContext) => Promise<Outcome>): void {
  test(name, async (t) => {
    const outcome = await run(t);
    const { tally, others, note = '' } = outcome;
    const missedByOthers = others.failed + others.tunnelsCut;
    const { rounds } = wish;
    const { allowed, othersAllowed = 0 } = { ...wish, ...outcome };
    record(t, {
      kind: 'scenario',
      row: { scenario: name, rounds, allowed, ...tally, others: missedByOthers, note },
    });
    assert.ok(tally.requests > 0 && others.requests > 0, 'nobody asked');
    assert.equal(tally.strangers + others.strangers, 0, 'nobody gets what a backend of another route answers');
    assert.ok(tally.failed + tally.tunnelsCut <= allowed, `failed: ${JSON.stringify(tally)}`);
    assert.ok(missedByOthers <= othersAllowed, `clients of another route: ${JSON.stringify(others)}`);
  });
}
