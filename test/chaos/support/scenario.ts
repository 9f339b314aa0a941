import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { Tally } from './tally.ts';

/** One row of the table of `npm run chaos`. */
export interface Row extends Tally {
  readonly scenario: string;
  readonly rounds: number;
  /** Failures and cut WebSockets that are owed to what was done: whoever is killed takes with it what it has in hand. */
  readonly allowed: number;
  /** Of clients of a route that nothing was done to: failures and cut WebSockets. */
  readonly others: number;
  readonly note: string;
}

export interface Outcome {
  readonly tally: Tally;
  /** Of the route that nothing was done to. */
  readonly others: Tally;
  readonly note?: string;
}

export interface ScenarioWish {
  readonly rounds: number;
  readonly allowed: number;
  /** Failures and cuts of clients of another route, where the scenario concerns all. Default 0. */
  readonly othersAllowed?: number;
}

/** As many rounds as asked for in FAIRLEAD_CHAOS_ROUNDS, else as the scenario says. */
export function rounds(usual: number): number {
  return Number(process.env.FAIRLEAD_CHAOS_ROUNDS ?? usual);
}

/** A test that measures: its row is written to FAIRLEAD_CHAOS_RESULTS whether or not it holds. */
export function scenario(name: string, wish: ScenarioWish, run: (t: TestContext) => Promise<Outcome>): void {
  test(name, async (t) => {
    const { tally, others, note = '' } = await run(t);
    const missedByOthers = others.failed + others.tunnelsCut;
    const { rounds, allowed, othersAllowed = 0 } = wish;
    const row: Row = { scenario: name, rounds, allowed, ...tally, others: missedByOthers, note };
    t.diagnostic(JSON.stringify(row));
    const file = process.env.FAIRLEAD_CHAOS_RESULTS;
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(row)}\n`);
    assert.ok(tally.requests > 0 && others.requests > 0, 'nobody asked');
    assert.ok(tally.failed + tally.tunnelsCut <= allowed, `failed: ${JSON.stringify(tally)}`);
    assert.ok(missedByOthers <= othersAllowed, `clients of another route: ${JSON.stringify(others)}`);
  });
}
