import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bucketMs,
  emptyRouteTraffic,
  latencyBoundsMs,
  latencyBucket,
  quantileBucket,
} from '../../src/proxy/traffic.ts';
import { fc } from '../support/properties.ts';

test('a latency lies in the bucket whose bound is the first not below it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (ms) => {
      const bucket = latencyBucket(ms);
      // Bounds are rounded powers of √2; a hair's breadth beside one may fall on either side.
      if (bucket < latencyBoundsMs.length) assert.ok(ms <= (latencyBoundsMs[bucket] as number) * 1.000001);
      if (bucket > 0) assert.ok(ms >= (latencyBoundsMs[bucket - 1] as number) * 0.999999);
    }),
  );
});

test('a quantile is the bound that so many requests stayed under', () => {
  const latency = [...emptyRouteTraffic().latency];
  const quantile = (q: number) => bucketMs(quantileBucket(latency, q));
  assert.equal(quantile(0.5), null);
  for (let i = 0; i < 99; i++) latency[latencyBucket(1)] = (latency[latencyBucket(1)] ?? 0) + 1;
  latency[latencyBucket(100)] = 1;
  assert.equal(quantile(0.5), latencyBoundsMs[latencyBucket(1)]);
  assert.equal(quantile(1), latencyBoundsMs[latencyBucket(100)]);
});
