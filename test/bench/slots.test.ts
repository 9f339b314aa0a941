import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from '../../bench/slots.ts';

const others = { clientCpuMs: 200, backendCpuMs: 300, foreign: 0 };

/** A slot of one second. */
function slot(proxy: string, round: number, requests: number, { cpuMs = 1000, notOk = 0 } = {}) {
  return {
    work: 'GET',
    proxy,
    round,
    requests,
    seconds: 1,
    bytes: 0,
    p50Ms: 1,
    p99Ms: 2,
    failed: 0,
    notOk,
    cpuMs,
    ...others,
  };
}

function slots(...all: ReturnType<typeof slot>[]): Slots {
  const list = new Slots();
  for (const one of all) list.add(one);
  return list;
}

test('a ratio compares slots of the same round, so that a machine that slows down changes nothing', () => {
  const run = slots(
    slot('nginx', 0, 1000),
    slot('own', 0, 900),
    slot('own', 0, 900),
    slot('nginx', 0, 1000),
    slot('nginx', 1, 100),
    slot('own', 1, 90),
  );
  assert.deepEqual(run.verdict('GET', 'own', 'nginx')?.ratios?.perSecond, { median: 0.9, min: 0.9, max: 0.9 });
});

test('CPU per request counts all slots, and a proxy that waits shows a core that is not used up', () => {
  const verdict = slots(slot('own', 0, 1000, { cpuMs: 500 }), slot('own', 1, 3000, { cpuMs: 500 })).verdict(
    'GET',
    'own',
    'own',
  );
  assert.equal(verdict?.cpuUs, 250);
  assert.equal(verdict?.busy, 0.5);
});

test('answers that are not 2xx count as failed', () => {
  assert.equal(slots(slot('own', 0, 10, { notOk: 3 })).verdict('GET', 'own', 'own')?.failed, 3);
});

test('without a yardstick there are no ratios, and without slots no verdict', () => {
  const run = slots(slot('own', 0, 10));
  assert.equal(run.verdict('GET', 'own', 'nginx')?.ratios, null);
  assert.equal(run.verdict('GET', 'nginx', 'nginx'), null);
});

test('what the client and the backend used is told beside what the proxy used', () => {
  const verdict = slots(slot('own', 0, 10), slot('own', 1, 10)).verdict('GET', 'own', 'own');
  assert.deepEqual([verdict?.clientBusy, verdict?.backendBusy], [0.2, 0.3]);
});

test('slots beside which others were at work are counted', () => {
  const run = slots(slot('own', 0, 10), { ...slot('own', 0, 10), foreign: 0.25 });
  assert.deepEqual(run.disturbed(0.1), { slots: 2, disturbed: 1, most: 0.25 });
});

test('the share of resumed sessions is told where they were counted, and only there', () => {
  const run = slots(slot('other', 0, 100));
  run.add({ ...slot('resuming', 0, 100), resumed: 90 });
  run.add({ ...slot('resuming', 1, 300), resumed: 290 });
  assert.equal(run.verdict('GET', 'resuming', 'other')?.resumed, 0.95);
  assert.equal(run.verdict('GET', 'other', 'other')?.resumed, null);
});
