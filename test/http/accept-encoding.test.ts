import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { chooseCoding, contentCodings } from '../../src/http/accept-encoding.ts';
import { fc } from '../support/properties.ts';

const chosen = (...lines: string[]) => chooseCoding(contentCodings, lines);

describe('the coding for a client', () => {
  it('is the first of ours among those that it takes', () => {
    assert.equal(chosen('gzip, deflate, br, zstd'), 'zstd');
    assert.equal(chosen('gzip, deflate, br'), 'br');
    assert.equal(chosen('GZIP'), 'gzip');
    assert.equal(chosen('x-gzip'), 'gzip');
    assert.equal(chosen('gzip', 'br'), 'br');
    assert.equal(chooseCoding(['gzip', 'br'], ['br, gzip']), 'gzip');
    assert.equal(chooseCoding(['br'], ['zstd, gzip']), null);
  });

  it('is the one that it likes best', () => {
    assert.equal(chosen('gzip;q=1.0, br;q=0.5, zstd;q=0.1'), 'gzip');
    assert.equal(chosen('zstd ; q = 0.001 , br;Q=0.002'), 'br');
    assert.equal(chosen('gzip;q=0.5, *;q=0.4'), 'gzip');
    assert.equal(chosen('gzip;q=0.5, *'), 'zstd');
    assert.equal(chosen('*'), 'zstd');
  });

  it('is none that it refuses, whatever else it says', () => {
    assert.equal(chosen('zstd;q=0, br;q=0.0, gzip;q=0.000'), null);
    assert.equal(chosen('gzip, gzip;q=0'), null);
    assert.equal(chosen('*;q=0'), null);
    assert.equal(chosen('*;q=0, gzip'), 'gzip');
    assert.equal(chosen('zstd;q=0, *'), 'br');
  });

  it('is none where it would rather have the answer as it is, or says nothing', () => {
    assert.equal(chosen('gzip;q=0.5, identity'), null);
    assert.equal(chosen('identity'), null);
    assert.equal(chosen(''), null);
    assert.equal(chosen(), null);
    assert.equal(chosen('gzip, identity'), 'gzip');
    assert.equal(chosen('identity;q=0, gzip;q=0.1'), 'gzip');
    assert.equal(chosen('identity;q=0'), null);
  });

  it('is none whose weight cannot be read', () => {
    for (const weight of ['q=2', 'q=-1', 'q=1.001', 'q=0.1234', 'q', 'q=', 'x=1', 'q=1;x=1', 'q=1e0'])
      assert.equal(chosen(`gzip;${weight}`), null, weight);
  });

  const weight = fc.integer({ min: 0, max: 1000 });
  const weights = fc.record({ zstd: weight, br: weight, gzip: weight, identity: weight, deflate: weight });

  it('is never one of less weight than another that is offered, than identity, or of none', () => {
    const offers = fc.shuffledSubarray([...contentCodings], { minLength: 1 });
    fc.assert(
      fc.property(weights, offers, fc.boolean(), (by, offered, apart) => {
        const items = Object.entries(by).map(([name, q]) => `${name};q=${(q / 1000).toFixed(3)}`);
        const coding = chooseCoding(offered, apart ? items : [items.join(' , ')]);
        const best = Math.max(...offered.map((name) => by[name]));
        if (best === 0 || by.identity > best) return coding === null;
        return coding === offered.find((name) => by[name] === best);
      }),
    );
  });

  it('is one that is offered or none, whatever a client sends', () => {
    const junk = fc.stringMatching(/^[a-z*;=,. \t\d"q-]{0,60}$/);
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 4 }), (lines) => {
        const coding = chooseCoding(['gzip'], lines);
        return coding === null || (coding === 'gzip' && /gzip|\*/i.test(lines.join()));
      }),
    );
  });
});
