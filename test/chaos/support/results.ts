import { appendFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import type { Tally } from './tally.ts';

/** One row of the table of `npm run chaos`. */
export interface ScenarioRow extends Tally {
  readonly scenario: string;
  readonly rounds: number;
  /** Failures and cut WebSockets that are owed to what was done: whoever is killed takes with it what it has in hand. */
  readonly allowed: number;
  /** Of clients of a route that nothing was done to: failures and cut WebSockets. */
  readonly others: number;
  readonly note: string;
}

/** One column of the table in which other proxies were measured. */
export interface RedeployRow {
  readonly column: string;
  /** By trial. */
  readonly failed: readonly number[];
  readonly requests: number;
  /** How often, by what was seen. */
  readonly failures: Readonly<Record<string, number>>;
}

/** What lines of the file named by FAIRLEAD_CHAOS_RESULTS hold. */
export type Result =
  | { readonly kind: 'scenario'; readonly row: ScenarioRow }
  | { readonly kind: 'redeploy'; readonly row: RedeployRow };

/** Tells what was measured, whether or not it is as it should be. */
export function record(t: TestContext, result: Result): void {
  const line = JSON.stringify(result);
  t.diagnostic(line);
  const file = process.env.FAIRLEAD_CHAOS_RESULTS;
  if (file !== undefined) appendFileSync(file, `${line}\n`);
}
