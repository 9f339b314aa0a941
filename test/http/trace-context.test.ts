import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { newSpanId, readTraceParent, traceParentText } from '../../src/http/trace-context.ts';
import { fc } from '../support/properties.ts';

const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
const read = (...lines: string[]) =>
  readTraceParent(new FlatHeaderList(lines.flatMap((line) => ['traceparent', line])));

test('the example of the specification is read', () => {
  const parent = { traceId, spanId, sampled: true, random: false };
  assert.deepEqual(read(`00-${traceId}-${spanId}-01`), parent);
  assert.deepEqual(read(`00-${traceId}-${spanId}-00`), { ...parent, sampled: false });
  assert.deepEqual(read(`00-${traceId}-${spanId}-02`), { ...parent, sampled: false, random: true });
});

test('a later version is read as far as it is known', () => {
  for (const text of [`cc-${traceId}-${spanId}-01`, `01-${traceId}-${spanId}-01-what-the-future-is-like`])
    assert.equal(read(text)?.traceId, traceId, text);
});

test('what is malformed, and what is there twice, is no trace', () => {
  const good = `00-${traceId}-${spanId}-01`;
  for (const text of [
    ...['', 'x', `ff-${traceId}-${spanId}-01`, `${good}-more`, `${good}.`, good.toUpperCase(), good.slice(0, -1)],
    ...[`00-${'0'.repeat(32)}-${spanId}-01`, `00-${traceId}-${'0'.repeat(16)}-01`, `00-${traceId}-${spanId}-1`],
    ...[`00-${traceId.slice(1)}g-${spanId}-01`, `0-${traceId}-${spanId}-01`, `00-${traceId}-${spanId}`],
  ])
    assert.equal(read(text), null, text);
  assert.equal(read(good, good), null);
  assert.equal(read(), null);
});

test('what is written is read again, and nothing that strangers send throws', () => {
  const hex = (digits: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: digits, maxLength: digits });
  const parents = fc.record({ traceId: hex(32), spanId: hex(16), sampled: fc.boolean(), random: fc.boolean() });
  fc.assert(
    fc.property(parents, (parent) => {
      const isNone = /^0+$/.test(parent.traceId) || /^0+$/.test(parent.spanId);
      assert.deepEqual(read(traceParentText(parent)), isNone ? null : { ...parent });
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void read(text)));
});

test('ids of spans are 16 digits, each its own', () => {
  const ids = Array.from({ length: 1_000 }, newSpanId);
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
  assert.equal(new Set(ids).size, 1_000);
});
