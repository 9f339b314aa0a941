import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { legalRequests } from './legal-requests.ts';
import { type Outcome, summary } from './outcome.ts';
import { Pair } from './pair.ts';
import { refusedRequests, smuggled } from './refused-requests.ts';

/**
 * What node's parser reads all the same, each in one way only, so that the reference engine passes on something clean: lenient
 * for reasons of its own, and no reason for our codec to be.
 */
const nodeIsLenient = new Map([
  ['a chunked body: all bits of 64', 'it counts to 64 bits and waits for the rest'],
  ['a chunked body: more digits than anybody counts', 'zeros in front are no digits to it'],
  ['a chunked body: an extension without a name', 'it does not look into extensions'],
  ['a chunked body: extensions without end', 'it bounds them at 16 KiB'],
  ['a request line with two spaces before the target', 'it skips spaces'],
  ['a request line with two spaces before the version', 'it skips spaces'],
  ['two empty lines before it', 'it skips line ends before a request'],
  ['an empty line of LF before it', 'it skips line ends before a request'],
  ['a bare CR before it', 'it skips line ends before a request'],
  ['a chunked body: a trailer that frames, for a CGI', 'it does not fold names'],
  ['more lines than anybody sends', 'the size of the head is its limit'],
]);

describe('requests through both engines', () => {
  let pair: Pair;
  before(async () => {
    pair = await Pair.open();
  });
  after(() => pair.close());

  for (const [name, bytes] of refusedRequests) {
    it(`refuse ${name}`, async () => {
      const { h1, node, faults } = await pair.run([bytes]);
      assert.deepEqual(faults, []);
      assertRefused(h1);
      if (!nodeIsLenient.has(name)) assertRefused(node);
    });
  }

  for (const [name, { bytes, forwarded }] of legalRequests) {
    it(`pass ${name}`, async () => {
      const { h1, node, faults, exceptions } = await pair.run([bytes]);
      assert.deepEqual(faults, []);
      assertPassed(h1, forwarded);
      if (exceptions.length === 0) assertPassed(node, forwarded);
    });
  }
});

describe('our own codec does not care', () => {
  const cases = [...refusedRequests, ...legalRequests.map(([name, { bytes }]) => [name, bytes] as const)];

  it('into which two parts bytes were cut', async () => {
    const pair = await Pair.open();
    try {
      for (const [name, bytes] of cases) {
        const whole = summary(await pair.h1.run([bytes]));
        for (const at of splitPoints(bytes)) {
          const parts = [bytes.slice(0, at), bytes.slice(at)];
          assert.deepEqual(summary(await pair.h1.run(parts)), whole, `${name}, cut at ${at}`);
        }
      }
    } finally {
      pair.close();
    }
  });

  it('whether they came one by one', async () => {
    const pair = await Pair.open();
    try {
      for (const [name, bytes] of cases) {
        if (bytes.length > 600) continue;
        assert.deepEqual(summary(await pair.h1.run([...bytes])), summary(await pair.h1.run([bytes])), name);
      }
    } finally {
      pair.close();
    }
  });
});

/** Every place up to the request that all have at their end; in the long cases, which repeat themselves, every seventh. */
function splitPoints(bytes: string): number[] {
  const step = bytes.length > 600 ? 7 : 1;
  const end = bytes.endsWith(smuggled) ? bytes.length - smuggled.length + 2 : bytes.length;
  return Array.from({ length: Math.ceil(end / step) - 1 }, (_, i) => (i + 1) * step);
}

function assertPassed(outcome: Outcome, forwarded: readonly string[]): void {
  assert.deepEqual(
    outcome.forwarded.map(({ start, body }) => `${start.join(' ')} ${body}`),
    forwarded,
  );
  assert.deepEqual(
    outcome.answers.map(({ status }) => status),
    forwarded.map(() => 200),
  );
}

function assertRefused({ answers, forwarded, closedFirst }: Outcome): void {
  assert.deepEqual(forwarded, []);
  assert.equal(answers.length, 1);
  assert.match(String(answers[0]?.status), /^(400|431|501)$/);
  assert.equal(closedFirst, true);
}
