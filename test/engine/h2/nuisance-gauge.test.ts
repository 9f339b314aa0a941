import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nuisancesMax, nuisancesPerSecond } from '../../../src/engine/h2/limits.ts';
import { NuisanceGauge } from '../../../src/engine/h2/nuisance-gauge.ts';

describe('a gauge of nuisances', () => {
  it('takes so many at once and not one more', () => {
    const gauge = new NuisanceGauge(() => 0);
    for (let i = 0; i < nuisancesMax; i++) assert.equal(gauge.add(), false);
    assert.equal(gauge.add(), true);
  });

  it('takes so many a second for ever', () => {
    let nowMs = 5;
    const gauge = new NuisanceGauge(() => nowMs);
    for (let i = 0; i < 100_000; i++) {
      nowMs += 1000 / nuisancesPerSecond;
      assert.equal(gauge.add(), false);
    }
  });

  it('has room again after a while, and never more than at first', () => {
    let nowMs = 0;
    const gauge = new NuisanceGauge(() => nowMs);
    while (!gauge.add());
    nowMs += 1_000_000;
    let taken = 0;
    while (!gauge.add()) taken++;
    assert.equal(taken, nuisancesMax);
  });
});
