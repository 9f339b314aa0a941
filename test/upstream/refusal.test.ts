import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../src/upstream/refusal.ts';

test('who refuses rests for 50 ms, then twice as long each time, half a second at most', () => {
  const refusal = new Refusal(0);
  let nowMs = 0;
  const pauses: number[] = [];
  for (let i = 0; i < 6; i++) {
    const since = nowMs;
    while (refusal.rests(nowMs)) nowMs++;
    pauses.push(nowMs - since);
    refusal.again(nowMs);
  }
  assert.deepEqual(pauses, [50, 100, 200, 400, 500, 500]);
  assert.equal(refusal.doubtUntilMs, 500);
});

test('while one asks the others wait for what it finds', () => {
  const refusal = new Refusal(0);
  refusal.asked(60);
  assert.ok(refusal.rests(109));
  assert.equal(refusal.rests(110), false);
});
