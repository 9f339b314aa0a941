import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withNumbers } from '../../scripts/chaos/page.ts';
import { redeployNumbers, scenarioNumbers } from '../../scripts/chaos/tables.ts';
import type { Result } from './support/results.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/never-drop.md'), 'utf8');
const occasion = { date: '2026-11-03', machine: 'two cores', load: '0.10' };
const results: readonly Result[] = [
  {
    kind: 'scenario',
    row: {
      ...{ scenario: 'a storm', rounds: 2, requests: 1_000, failed: 3, failures: { 'POST 502': 3 } },
      ...{ tunnelsCut: 1, strangers: 0, slowestMs: 70, allowed: 12, others: 0, note: 'wet' },
    },
  },
  { kind: 'redeploy', row: { column: 'calm', failed: [0, 2], requests: 20, failures: { hung: 2 } } },
];

test('numbers stand between their marks, with date, machine and what was seen, and measured again they replace the old ones', () => {
  const once = withNumbers(page, 'scenarios', { numbers: scenarioNumbers(results), occasion });
  const again = withNumbers(once, 'scenarios', {
    numbers: scenarioNumbers(results),
    occasion: { ...occasion, date: '2026-11-04' },
  });
  assert.match(again, /<!-- chaos:scenarios -->\n2026-11-04 on two cores; load average before: 0\.10\.\n/);
  assert.match(again, /\| a storm +\| +2 \| +1000 \| +3 \| +1 \| +12 \| +0 \| +70 \|/);
  assert.match(again, /\n- a storm: wet; 3 × POST 502\n<!-- \/chaos:scenarios -->/);
  assert.ok(!again.includes('2026-11-03'));
});

test('a replacement is told by trial and in all', () => {
  const text = withNumbers(page, 'redeploy', { numbers: redeployNumbers(results), occasion });
  assert.match(text, /\| calm +\| +0, 2 \| +2 \| +20 \|/);
  assert.match(text, /\n- calm: 2 × hung\n/);
});

test('a page without the marks is refused', () => {
  assert.throws(
    () => withNumbers('# Numbers', 'redeploy', { numbers: redeployNumbers(results), occasion }),
    /no <!-- chaos:redeploy -->/,
  );
});
