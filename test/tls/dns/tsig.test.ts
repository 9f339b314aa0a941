import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSigned, signMessage, type TsigKey } from '../../../src/tls/dns/tsig.ts';
import { decodeMessage, encodeMessage, type WireMessage } from '../../../src/tls/dns/wire-message.ts';
import { fc } from '../../support/properties.ts';

const key: TsigKey = { name: 'fairlead', algorithm: 'hmac-sha256', secret: Buffer.alloc(32, 1) };
const empty: WireMessage = {
  id: 1,
  isAnswer: true,
  opcode: 5,
  truncated: false,
  rcode: 0,
  questions: [{ name: 'example.test', type: 6, class: 1 }],
  answers: [],
  authorities: [],
  additionals: [],
};
const nowSeconds = 1_800_000_000;
// What a good signature of an answer is, only a real server can say: rfc2136.test.ts.
const about = { requestMac: Buffer.alloc(0), nowSeconds };

test('an answer without a signature is told apart, not believed', () => {
  assert.deepEqual(readSigned(encodeMessage(empty), key, about), { kind: 'unsigned', message: empty });
});

test('a signature that does not cover our request is forged', () => {
  const { bytes } = signMessage(empty, key, nowSeconds);
  assert.deepEqual(readSigned(bytes, key, about), { kind: 'forged' });
});

test('the signature is the last record, with the name of the key, the algorithm and the time', () => {
  const { bytes, mac } = signMessage(empty, key, nowSeconds);
  const last = decodeMessage(bytes)?.message.additionals.at(-1);
  assert.equal(last?.name, 'fairlead');
  assert.ok(last?.data.includes(mac));
  assert.equal(last?.data.readUIntBE('hmac-sha256'.length + 2, 6), nowSeconds);
});

test('whatever bytes come as an answer, they are judged and not believed', () => {
  const { bytes } = signMessage(empty, key, nowSeconds);
  const damaged = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)).map(([at, byte]) => {
    const copy = Buffer.from(bytes);
    copy[at] = byte;
    return copy;
  });
  const random = fc.uint8Array({ maxLength: 120 }).map((one) => Buffer.from(one));
  fc.assert(
    fc.property(fc.oneof(damaged, random), (answer) => {
      assert.notEqual(readSigned(answer, key, about)?.kind, 'good');
    }),
    { numRuns: 2_000 },
  );
});
