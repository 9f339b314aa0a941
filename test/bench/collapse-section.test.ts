import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CollapseLeg, collapseSection } from '../../bench/collapse-section.ts';

const leg: CollapseLeg = {
  ...{ name: 'fairlead', asked: 1, waiting: 100, answered: 100, failed: 0, words: { HIT: 99, MISS: 1 } },
  ...{
    halfMs: 40,
    lastMs: 80,
    askingMs: 10,
    answeringMs: 5,
    beforeKiB: 102_400,
    waitingKiB: 103_400,
    afterKiB: 102_400,
  },
};

function section(legs: readonly CollapseLeg[], clients = 100) {
  const terms = { clientsWanted: 100, files: 400, rounds: 3, roundsMax: 3, settleMs: 2_000, versions: [] };
  return collapseSection({ legs, clients, ...terms });
}

const rows = (legs: readonly CollapseLeg[], title: RegExp) =>
  section(legs).tables.find((table) => title.test(table.title))?.rows;

test('of several starts the one with most requests to the backend is told, not the usual one', () => {
  const [row] = rows([leg, { ...leg, asked: 7, waiting: 98 }, leg], /Requests/) ?? [];
  assert.deepEqual(row, ['fairlead', '7', '100 of 100', '98', '1 MISS, 99 HIT', '40', '80']);
});

test('CPU and memory are told for each client', () => {
  assert.deepEqual(rows([leg], /CPU/), [['fairlead', '100', '50']]);
  assert.deepEqual(rows([leg], /memory/), [['fairlead', '100.0', '101.0', '100.0', '10.0']]);
});

test('clients without an answer, and fewer clients than wanted, are told', () => {
  const { notes } = section([{ ...leg, failed: 3 }], 90);
  assert.match(notes.join('\n'), /Only 90 clients: this machine allows a process 400 open files/);
  assert.match(notes.join('\n'), /fairlead: 3 clients got no 200/);
});
