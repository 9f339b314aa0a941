import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historiesMax, TrafficHistory } from '../../src/plane/traffic-history.ts';
import { latencyCells, routeCells, routeCounterShape } from '../../src/proxy/route-counters.ts';
import { bucketMs, latencyBucket, quantileBucket } from '../../src/proxy/traffic.ts';
import { fc } from '../support/properties.ts';

const id = 'app.example.com/';
const epochMs = 1_700_000_000_000;

interface Request {
  readonly status: number;
  readonly ms: number;
}

/** Totals as workers count them, and a history that is told of them. */
function world() {
  const history = new TrafficHistory(0);
  const totals = new Map<string, Float64Array>();
  let nowMs = 0;
  return {
    history,
    get nowMs() {
      return nowMs;
    },
    serve(requests: readonly Request[], route = id): void {
      const sums = Float64Array.from(totals.get(route) ?? new Float64Array(routeCounterShape.cells));
      for (const { status, ms } of requests) {
        const cell = routeCells[`s${Math.floor(status / 100)}xx` as 's2xx'];
        for (const one of [routeCells.requests, cell, routeCells.latency + latencyBucket(ms)])
          sums[one] = (sums[one] as number) + 1;
      }
      totals.set(route, sums);
    },
    forget(route = id): void {
      totals.delete(route);
    },
    sample(atMs: number): void {
      nowMs = atMs;
      history.add(new Map(totals), { monotonicMs: atMs, epochMs: epochMs + atMs });
    },
    recent: (atMs = nowMs, route = id) => history.recent(route, totals.get(route) ?? null, atMs),
  };
}

const ok = (count: number, ms = 3): Request[] => Array.from({ length: count }, () => ({ status: 200, ms }));

/** What anybody would work out from the requests themselves. */
function quantileOf(requests: readonly Request[], q: number): number | null {
  const latency = new Array<number>(latencyCells).fill(0);
  for (const { ms } of requests) latency[latencyBucket(ms)] = (latency[latencyBucket(ms)] as number) + 1;
  return bucketMs(quantileBucket(latency, q));
}

const aRequest = fc.record({
  status: fc.constantFrom(200, 301, 404, 502),
  ms: fc.double({ min: 0, max: 50_000, noNaN: true }),
});
/** Requests of each second. */
const aLife = fc.array(fc.array(aRequest, { maxLength: 5 }), { minLength: 1, maxLength: 200 });

test('quantiles are those of the requests of the last minute, and the rate that of the last 10 s, to a slot of 5 s', () => {
  fc.assert(
    fc.property(aLife, (seconds) => {
      const { serve, sample, recent } = world();
      for (const [second, requests] of seconds.entries()) {
        serve(requests);
        sample((second + 1) * 1000);
      }
      const slot = Math.floor(seconds.length / 5);
      const first = Math.max(0, slot - 11) * 5;
      const lately = seconds.slice(first).flat();
      const { perSecond, p50, p95, p99 } = recent();
      assert.deepEqual(
        [p50, p95, p99],
        [0.5, 0.95, 0.99].map((q) => quantileOf(lately, q)),
      );
      const now = Math.max(0, slot - 2) * 5;
      const rate = seconds.slice(now).flat().length / (seconds.length - now || 1);
      assert.ok(Math.abs(perSecond - rate) < 1e-9);
    }),
    { numRuns: 50 },
  );
});

test('the slots of a history add up to what was served, and each has the quantiles of its own requests', () => {
  fc.assert(
    fc.property(aLife, (seconds) => {
      const { serve, sample, history } = world();
      for (const [second, requests] of seconds.entries()) {
        serve(requests);
        sample((second + 1) * 1000);
      }
      const ended = Math.floor(seconds.length / 5);
      const first = Math.floor(seconds.findIndex(({ length }) => length > 0) / 5);
      const { at, perSecond, p95, ...statuses } = history.history(id);
      const slots =
        first < 0
          ? []
          : Array.from({ length: Math.max(0, ended - first) }, (_, i) =>
              seconds.slice((first + i) * 5, (first + i + 1) * 5).flat(),
            );
      assert.deepEqual(
        at,
        slots.map((_, i) => epochMs / 1000 + (first + i + 1) * 5),
      );
      assert.deepEqual(
        perSecond,
        slots.map(({ length }) => length / 5),
      );
      assert.deepEqual(
        p95,
        slots.map((requests) => quantileOf(requests, 0.95)),
      );
      for (const [name, hundred] of [
        ['s2xx', 2],
        ['s3xx', 3],
        ['s4xx', 4],
        ['s5xx', 5],
      ] as const)
        assert.deepEqual(
          statuses[name],
          slots.map((requests) => requests.filter(({ status }) => Math.floor(status / 100) === hundred).length),
        );
    }),
    { numRuns: 50 },
  );
});

test('a request that no sample has seen yet counts at once', () => {
  const { serve, sample, recent } = world();
  sample(1_000);
  assert.deepEqual(recent(), { perSecond: 0, p50: null, p95: null, p99: null });
  serve(ok(4, 100));
  const { perSecond, p50 } = recent(2_000);
  assert.deepEqual([perSecond, p50], [2, quantileOf(ok(1, 100), 0.5)]);
});

test('what is more than a minute ago counts no more', () => {
  const { serve, sample, recent } = world();
  serve(ok(100, 900));
  sample(1_000);
  for (let second = 2; second <= 64; second++) sample(second * 1000);
  assert.deepEqual(recent(), { perSecond: 0, p50: null, p95: null, p99: null });
  serve(ok(11, 3));
  assert.deepEqual([recent().perSecond, recent().p99], [11 / 14, quantileOf(ok(1), 0.5)]);
});

test('a route that was forgotten and counts from zero again makes no negative numbers', () => {
  const { serve, sample, recent, forget, history } = world();
  serve(ok(100));
  sample(5_000);
  forget();
  serve(ok(1));
  sample(6_000);
  assert.equal(recent().perSecond, 100 / 6);
  sample(10_000);
  assert.deepEqual(history.history(id).s2xx, [100, 0]);
});

test('a history holds a quarter of an hour, and a route without requests for as long has none', () => {
  const { serve, sample, history } = world();
  for (let slot = 1; slot <= 200; slot++) {
    serve(ok(slot));
    sample(slot * 5_000);
  }
  const { at, s2xx } = history.history(id);
  assert.deepEqual([at.length, s2xx[0], s2xx.at(-1)], [180, 21, 200]);
  assert.deepEqual([at[0], at.at(-1)], [epochMs / 1000 + 21 * 5, epochMs / 1000 + 1_000]);
  for (let slot = 201; slot <= 379; slot++) sample(slot * 5_000);
  assert.equal(history.history(id).s2xx[0], 200);
  sample(380 * 5_000);
  assert.deepEqual(history.history(id).at, []);
});

test('after a time without samples its slots are there and empty', () => {
  const { serve, sample, history } = world();
  serve(ok(1));
  sample(1_000);
  serve(ok(2));
  sample(21_500);
  assert.deepEqual(history.history(id).s2xx, [3, 0, 0, 0]);
  const { at } = history.history(id);
  assert.deepEqual(
    at.map((end) => end - (at[0] as number)),
    [0, 5, 10, 15],
  );
});

test('as many routes have a history as may, those that had requests most recently', () => {
  const { serve, sample, history } = world();
  for (let route = 0; route < historiesMax; route++) serve(ok(1), `${route}.example.com/`);
  sample(5_000);
  serve(ok(1), '0.example.com/');
  serve(ok(1), 'new.example.com/');
  sample(10_000);
  assert.deepEqual(history.history('0.example.com/').s2xx, [1, 1]);
  assert.deepEqual(history.history('new.example.com/').s2xx, [1]);
  assert.deepEqual(history.history('1.example.com/').s2xx, []);
  assert.deepEqual(history.history('2.example.com/').s2xx, [1, 0]);
});

test('where more routes than may have a history have requests all the time, those that have one keep it', () => {
  const { serve, sample, history } = world();
  for (let slot = 1; slot <= 3; slot++) {
    for (let route = 0; route < historiesMax + 100; route++) serve(ok(1), `${route}.example.com/`);
    sample(slot * 5_000);
  }
  assert.deepEqual(history.history('0.example.com/').s2xx, [1, 1, 1]);
  assert.deepEqual(history.history(`${historiesMax}.example.com/`).s2xx, []);
});
