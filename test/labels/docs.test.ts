import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { labelsPage } from '../../scripts/docs/labels-page.ts';

test('docs/labels.md is what `npm run docs` makes of the table', () => {
  assert.equal(readFileSync(new URL('../../docs/labels.md', import.meta.url), 'utf8'), labelsPage());
});
