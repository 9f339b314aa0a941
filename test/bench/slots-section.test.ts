import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from '../../bench/slots.ts';
import { slotsSection } from '../../bench/slots-section.ts';

interface Told {
  readonly cpuMs?: number;
  readonly p99Ms?: number;
  readonly foreign?: number;
}

/** One round in which both proxies got as many requests. */
function section(nginx: Told, fairlead: Told, slots = new Slots()) {
  const usual = {
    work: 'GET',
    round: 0,
    requests: 1000,
    seconds: 1,
    bytes: 0,
    failed: 0,
    notOk: 0,
    p50Ms: 1,
    p99Ms: 2,
  };
  const times = { cpuMs: 980, clientCpuMs: 200, backendCpuMs: 300, foreign: 0 };
  slots.add({ ...usual, ...times, proxy: 'nginx', ...nginx });
  slots.add({ ...usual, ...times, proxy: 'fairlead', ...fairlead });
  const context = { rounds: 3, seconds: 1, trials: 1, signal: AbortSignal.any([]), say: () => {} };
  const proxies = ['nginx', 'fairlead'];
  return slotsSection({ title: 'T', unit: 'request', slots, proxies, versions: [], method: [], context });
}

const hint = /CPU per request is the figure to compare/;

test('where nginx left a part of its core unused, the reader is told which figure to compare', () => {
  const { notes } = section({ cpuMs: 700 }, {});
  assert.match(notes.join('\n'), hint);
  assert.match(notes.join('\n'), /GET \(70 %; client and backend 50 %\)/);
});

test('where nginx used up its core, nothing is said against requests per second', () => {
  assert.doesNotMatch(section({}, {}).notes.join('\n'), hint);
});

test('slots that others disturbed are told', () => {
  assert.match(section({ foreign: 0.4 }, {}).notes.join('\n'), /1 of 2 slots stayed disturbed.*at most 40 %/);
});

test('p99 is compared with nginx as requests and CPU are', () => {
  const table = section({ p99Ms: 2 }, { p99Ms: 3 }).tables.find(({ title }) => title.includes('p99'));
  assert.deepEqual(table?.rows, [['GET', '1.50 (1.50–1.50)']]);
});

test('a ceiling is told where there is one, and otherwise nothing is said of it', () => {
  const slots = new Slots();
  const direct = { requests: 5000, seconds: 1, bytes: 0, failed: 0, notOk: 0, p50Ms: 1, p99Ms: 2, clientCpuMs: 1 };
  slots.addCeiling('GET', direct);
  const text = (told: ReturnType<typeof section>) => [...told.method, ...told.tables.map(({ title }) => title)].join();
  assert.match(text(section({}, {}, slots)), /GET \(ceiling 5000\/s\)/);
  assert.doesNotMatch(text(section({}, {})), /ceiling|NaN/);
});
