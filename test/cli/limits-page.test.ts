import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { limitsPage } from '../../scripts/docs/limits-page.ts';
import { limitRows } from '../../src/cli/limit-rows.ts';
import { defaultLimits, type Limits } from '../../src/engine/limits.ts';

test('docs/limits.md is what `npm run docs` makes of the code', () => {
  assert.equal(readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8'), limitsPage());
});

test('the default that is told of a limit is the one that holds', () => {
  for (const key of Object.keys(limitRows) as (keyof Limits)[]) {
    const row = limitRows[key];
    const told = row.default.split(',')[0] ?? '';
    if (key !== 'perAddressMax') assert.equal(row.read(told, row.name).value, defaultLimits[key], row.name);
    assert.equal(row.builtIn({ dockerHost: '', cores: 1, terminal: false }), defaultLimits[key]);
  }
});
