import { readFileSync, writeFileSync } from 'node:fs';
import type { Result } from '../../test/chaos/support/results.ts';
import { type Numbers, numbersMarkdown, redeployNumbers, scenarioNumbers } from './tables.ts';

/** Where and when it was measured. */
export interface Occasion {
  /** Such as `2026-11-03`. */
  readonly date: string;
  readonly machine: string;
  /** The kernel's one-minute load average just before. */
  readonly load: string;
}

/** Puts tables between their marks on the page; one without rows leaves what stands there. */
export function writeNumbers(file: string, results: readonly Result[], occasion: Occasion): void {
  let page = readFileSync(file, 'utf8');
  for (const [mark, numbers] of [
    ['scenarios', scenarioNumbers(results)],
    ['redeploy', redeployNumbers(results)],
  ] as const) {
    if (numbers.table.rows.length > 0) page = withNumbers(page, mark, { numbers, occasion });
  }
  writeFileSync(file, page);
}

/** @throws where the page has no such marks: `<!-- chaos:<mark> -->` and `<!-- /chaos:<mark> -->`. */
export function withNumbers(
  page: string,
  mark: string,
  { numbers, occasion: { date, machine, load } }: { numbers: Numbers; occasion: Occasion },
): string {
  const [begin, end] = [`<!-- chaos:${mark} -->`, `<!-- /chaos:${mark} -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  const text = `${date} on ${machine}; load average before: ${load}.\n\n${numbersMarkdown(numbers)}`;
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
