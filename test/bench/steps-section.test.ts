import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from '../../bench/slots.ts';
import { stepsSection } from '../../bench/steps-section.ts';

const usual = {
  ...{ work: 'GET', round: 0, requests: 1000, seconds: 1, bytes: 0, failed: 0, notOk: 0, p50Ms: 1, p99Ms: 2 },
  ...{ cpuMs: 100, clientCpuMs: 200, backendCpuMs: 300, foreign: 0 },
};

function section(slots: Slots) {
  const context = { rounds: 3, seconds: 1, trials: 1, signal: AbortSignal.any([]), say: () => {} };
  const limit = { name: 'limit', about: 'a limit' };
  return stepsSection({
    ...{ slots, work: 'GET', versions: [], method: [], context },
    cases: [{ name: 'none', about: 'no label' }, limit],
  });
}

test('a label is told by the CPU that it adds to a request of the same round, in percent', () => {
  const slots = new Slots();
  for (const [round, more] of [0, 10, 20].entries()) {
    slots.add({ ...usual, round, proxy: 'none' });
    slots.add({ ...usual, round, proxy: 'limit', cpuMs: 100 + more });
  }
  assert.deepEqual(section(slots).tables[0]?.rows, [
    ['no label', '–', '100.0', '1000'],
    ['a limit', '+10.0 (0.0 to +20.0)', '110.0', '1000'],
  ]);
});

test('less CPU is told with a minus', () => {
  const slots = new Slots();
  slots.add({ ...usual, proxy: 'none' });
  slots.add({ ...usual, proxy: 'limit', cpuMs: 60 });
  assert.equal(section(slots).tables[0]?.rows[1]?.[1], '−40.0 (−40.0 to −40.0)');
});

test('a run in which requests were refused gives no figures: a refusal costs something else', () => {
  const slots = new Slots();
  slots.add({ ...usual, proxy: 'none' });
  slots.add({ ...usual, proxy: 'limit', notOk: 3 });
  assert.throws(() => section(slots), /"a limit": 3 requests failed or were not answered 2xx/);
});
