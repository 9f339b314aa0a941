import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatch } from '../../src/plane/line-batch.ts';
import { fc } from '../support/properties.ts';

test('lines come out as they went in, each batch whole lines and counted', () => {
  const line = fc.string({ unit: 'binary-ascii', maxLength: 40 }).map((text) => `${text.replaceAll('\n', ' ')}\n`);
  fc.assert(
    fc.property(fc.array(line), fc.integer({ min: 1, max: 100 }), (lines, batchBytes) => {
      const batches: { text: string; count: number }[] = [];
      const batch = new LineBatch(batchBytes, (bytes, count) =>
        batches.push({ text: Buffer.from(bytes).toString('latin1'), count }),
      );
      for (const one of lines) batch.write(one);
      batch.hand();
      batch.hand();
      assert.equal(batches.map(({ text }) => text).join(''), lines.join(''));
      for (const { text, count } of batches) {
        assert.equal(text.split('\n').length - 1, count);
        assert.ok(text.length <= batchBytes || count === 1);
      }
    }),
  );
});
