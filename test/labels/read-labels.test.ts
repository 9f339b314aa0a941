import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { answerTo, readCases } from './case-text.ts';

const folder = new URL('./cases/', import.meta.url);

for (const file of readdirSync(folder).sort()) {
  describe(file.replace('.txt', ''), () => {
    for (const { title, given, expected } of readCases(readFileSync(new URL(file, folder), 'utf8'))) {
      test(title, () => assert.equal(answerTo(given), expected));
    }
  });
}
