import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeMessage, encodeMessage, type WireMessage } from '../../../src/tls/dns/wire-message.ts';
import { decodeName, encodeName } from '../../../src/tls/dns/wire-name.ts';
import { fc } from '../../support/properties.ts';

const label = fc.stringMatching(/^[a-z0-9_-]{1,63}$/);
const name = fc.array(label, { maxLength: 6 }).map((labels) => {
  const kept = [...labels];
  while (kept.join('.').length > 253) kept.pop();
  return kept.join('.');
});
const plain = { noNullPrototype: true };
const uint16 = fc.nat(0xffff);
const question = fc.record({ name, type: uint16, class: uint16 }, plain);
const record = fc.record(
  {
    name,
    type: uint16,
    class: uint16,
    ttlSeconds: fc.nat(0x7fff_ffff),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  plain,
);
const records = fc.array(record, { maxLength: 4 });
const message: fc.Arbitrary<WireMessage> = fc.record(
  {
    id: uint16,
    isAnswer: fc.boolean(),
    opcode: fc.nat(15),
    truncated: fc.boolean(),
    rcode: fc.nat(15),
    questions: fc.array(question, { maxLength: 3 }),
    answers: records,
    authorities: records,
    additionals: records,
  },
  plain,
);

test('a message that was encoded is decoded to itself', () => {
  fc.assert(
    fc.property(message, (sent) => {
      assert.deepEqual(decodeMessage(encodeMessage(sent))?.message, sent);
    }),
  );
});

test('the last record begins where it says', () => {
  fc.assert(
    fc.property(message, record, (sent, last) => {
      const bare = encodeMessage(sent);
      const whole = encodeMessage({ ...sent, additionals: [...sent.additionals, last] });
      assert.equal(decodeMessage(whole)?.lastRecordAt, bare.length);
    }),
  );
});

test('random bytes, and messages with changed or missing bytes, are decoded or are null', () => {
  const damaged = fc.tuple(message, fc.nat(), fc.nat(255), fc.nat()).map(([sent, at, byte, end]) => {
    const bytes = encodeMessage(sent);
    bytes[at % bytes.length] = byte;
    return bytes.subarray(0, 1 + (end % bytes.length));
  });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(damaged, random), (bytes) => {
      const decoded = decodeMessage(bytes);
      // What is taken for a message can be written as one again.
      if (decoded !== null) assert.deepEqual(decodeMessage(encodeMessage(decoded.message))?.message, decoded.message);
    }),
    { numRuns: 2_000 },
  );
});

test('a message that is cut anywhere is none', () => {
  fc.assert(
    fc.property(message, fc.nat(), (sent, cut) => {
      const bytes = encodeMessage(sent);
      assert.equal(decodeMessage(bytes.subarray(0, cut % bytes.length)), null);
    }),
  );
});

test('a compressed name is followed, and is lower case', () => {
  const bytes = Buffer.concat([
    Buffer.from('\x07Example\x04test\0', 'latin1'),
    Buffer.from('\x03www\xc0\x00rest', 'latin1'),
  ]);
  assert.deepEqual(decodeName(bytes, 14), { name: 'www.example.test', next: 20 });
});

for (const [what, bytes] of [
  ['points at itself', '\xc0\x00'],
  ['points ahead', '\xc0\x02\x01a\0'],
  ['runs in a circle', '\x01a\xc0\x00'],
  ['has a label of a kind that is not in use', '\x41a\0'],
  ['has a dot in a label', '\x03a.b\0'],
  ['has no end', '\x03abc'],
  ['is longer than a name may be', `${'\x3f'.padEnd(64, 'a').repeat(4)}\0`],
] as const) {
  test(`a name that ${what} is none`, () => {
    assert.equal(decodeName(Buffer.from(bytes, 'latin1'), 0), null);
  });
}

for (const bad of ['a..b', '.', 'a'.repeat(64), `${'a.'.repeat(127)}ab`, 'a b', 'ä.test'])
  test(`${JSON.stringify(bad.slice(0, 20))} cannot be written as a name`, () => {
    assert.throws(() => encodeName(bad), RangeError);
  });
