import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateMeter } from '../../src/plane/rate-meter.ts';

const total = (requests: number) => new Map([['a', requests]]);

test('a rate is over the samples that are kept', () => {
  const meter = new RateMeter();
  for (let second = 0; second <= 20; second++) meter.add(total(second * 5), second * 1000);
  assert.equal(meter.perSecond().get('a'), 5);
});

test('a route that has just come has the rate of its own requests', () => {
  const meter = new RateMeter();
  meter.add(new Map(), 0);
  meter.add(total(30), 2000);
  assert.equal(meter.perSecond().get('a'), 15);
});

test('a route that counts from zero again makes no negative rate', () => {
  const meter = new RateMeter();
  meter.add(total(100), 0);
  meter.add(total(1), 1000);
  assert.equal(meter.perSecond().get('a'), 0);
});
