import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checked } from '../../src/plane/health-probe.ts';
import { HealthWatch } from '../../src/plane/health-watch.ts';
import type { HealthNews } from '../../src/plane/messages.ts';
import { TablePacker } from '../../src/plane/table-packer.ts';
import { TrafficLedger } from '../../src/plane/traffic-ledger.ts';
import type { Backend } from '../../src/routing/table.ts';
import type { Gate } from '../../src/upstream/health/gate.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aBackend, aRoute, tcpCheck } from '../upstream/builders.ts';

interface Asked {
  readonly backend: Checked;
  readonly timeoutMs: number;
  readonly end: (failure: string | null) => void;
  aborted: boolean;
}

/** A watch whose checks end when the test says so. */
function aWatch() {
  const clock = new FakeClock();
  const asked: Asked[] = [];
  const gates: Gate[] = [];
  const told: HealthNews[][] = [];
  const watch: HealthWatch = new HealthWatch({
    clock,
    random: () => 0.5,
    probe: (backend, { timeoutMs, onEnd }) => {
      const one: Asked = { backend, timeoutMs, end: onEnd, aborted: false };
      asked.push(one);
      return {
        abort() {
          one.aborted = true;
        },
      };
    },
    onGates: (changed) => gates.push(...changed),
    onNews: () => told.push([...watch.news()]),
  });
  const packer = new TablePacker(new TrafficLedger());
  let version = 0;
  const take = (...pools: readonly (readonly Backend[])[]) => {
    const routes = pools.map((backends, at) => aRoute({ id: `${at}/`, serving: { kind: 'pool', backends } }));
    watch.take(packer.pack({ version: ++version, routes }));
  };
  /** The check that was begun last. */
  const last = () => asked.at(-1) as Asked;
  return { clock, asked, gates, told, watch, take, last };
}

const checked = (about: Partial<Backend> = {}) => aBackend({ check: tcpCheck(), ...about });

test('a new backend is checked at once, and opened as soon as it has passed', () => {
  const { take, asked, last, gates, told, clock } = aWatch();
  const backend = checked({ container: 'web-1', port: 3000 });
  take([backend]);
  assert.equal(asked.length, 1);
  assert.deepEqual(gates, []);
  last().end(null);
  assert.deepEqual(gates, [{ peer: peerId(backend), state: 'healthy' }]);
  clock.advance(0);
  const peer = { peer: peerId(backend), container: 'web-1', address: '127.0.0.1:3000' };
  assert.deepEqual(told, [[{ ...peer, state: 'healthy', failure: null }]]);
});

test('one that refuses is asked again soon, and its failures are counted', () => {
  const { take, asked, last, gates, watch, clock } = aWatch();
  take([checked()]);
  last().end('refused');
  clock.advance(24);
  assert.equal(asked.length, 1);
  clock.advance(1);
  assert.equal(asked.length, 2);
  last().end('refused');
  const [news] = watch.news();
  const failure = { what: 'refused', count: 2, lastMs: clock.now() };
  assert.deepEqual(news !== undefined && 'failure' in news && news.failure, failure);
  assert.deepEqual(watch.news(), []);
  clock.advance(50);
  last().end(null);
  assert.equal(gates.length, 1);
  const [healthy] = watch.news();
  assert.deepEqual(healthy !== undefined && 'failure' in healthy && healthy.failure, null);
});

test('a healthy one that fails three times in a row is closed, and opened when it passes again', () => {
  const { take, last, gates, clock } = aWatch();
  take([checked()]);
  last().end(null);
  for (const ms of [5_000, 10_000, 10_000]) {
    clock.advance(ms);
    last().end('refused');
  }
  clock.advance(25);
  last().end(null);
  assert.deepEqual(
    gates.map(({ state }) => state),
    ['healthy', 'unhealthy', 'healthy'],
  );
});

test('a table that does not concern a backend changes nothing about its checks', () => {
  const { take, asked, last, gates } = aWatch();
  const backend = checked();
  take([backend]);
  take([backend], [checked()]);
  assert.equal(asked.length, 2);
  asked[0]?.end(null);
  take([{ ...backend, weight: 7 }], []);
  assert.equal(asked[1]?.aborted, true);
  assert.equal(last(), asked[1]);
  assert.deepEqual(
    gates.filter(({ peer }) => peer === peerId(backend)).map(({ state }) => state),
    ['healthy'],
  );
});

test('one that stops and starts is new: closed, and asked at once', () => {
  const { take, asked, gates, last, watch } = aWatch();
  const backend = checked();
  take([backend]);
  last().end(null);
  watch.news();
  take([{ ...backend, state: 'draining' }]);
  assert.deepEqual(gates.at(-1), { peer: peerId(backend), state: 'starting' });
  assert.deepEqual(watch.news(), [{ peer: peerId(backend), state: 'gone' }]);
  take([backend]);
  assert.equal(asked.length, 2);
  last().end(null);
  assert.deepEqual(gates.at(-1), { peer: peerId(backend), state: 'healthy' });
});

test('a check that is under way when its backend leaves is given up, and leaves no timer', () => {
  const { take, last, clock } = aWatch();
  take([checked()]);
  take([]);
  assert.equal(last().aborted, true);
  assert.equal(clock.pending, 0);
});

test('a backend that several routes name is checked once, and once for each check that differs', () => {
  const { take, asked } = aWatch();
  const backend = checked();
  take([backend], [backend], [{ ...backend, check: tcpCheck({ fall: 5 }) }]);
  assert.equal(asked.length, 2);
});

test('what is not to be checked, or cannot take requests anyway, is not', () => {
  const { take, asked } = aWatch();
  take([aBackend(), checked({ state: 'starting' }), checked({ state: 'unreachable' }), checked({ state: 'paused' })]);
  assert.equal(asked.length, 0);
});

test('at most 64 are asked at a time, the others follow', () => {
  const { take, asked } = aWatch();
  take(Array.from({ length: 200 }, () => checked()));
  assert.equal(asked.length, 64);
  for (let at = 0; at < 200; at++) asked[at]?.end(null);
  assert.equal(asked.length, 200);
});

test('who has never been asked comes first, then who is not healthy, then the others', () => {
  const { take, asked, clock } = aWatch();
  const [well, sick] = [checked(), checked()];
  take([well, sick]);
  asked[0]?.end(null);
  asked[1]?.end('refused');
  const slow = Array.from({ length: 64 }, () => checked());
  take([well, sick, ...slow]);
  clock.advance(5_000);
  const fresh = checked();
  take([well, sick, ...slow, fresh]);
  assert.equal(asked.length, 66);
  for (const one of asked.slice(2, 5)) one.end(null);
  const order = asked.slice(66).map(({ backend: { id } }) => id);
  assert.deepEqual(order, [fresh.id, sick.id, well.id]);
});

test('two hundred that began together are spread over their interval', () => {
  const clock = new FakeClock();
  let at = 0;
  const times: number[] = [];
  const watch: HealthWatch = new HealthWatch({
    clock,
    random: () => (at++ % 200) / 200,
    probe: (_, { onEnd }) => {
      times.push(clock.monotonic());
      clock.setTimeout(() => onEnd(null), 1);
      return { abort() {} };
    },
    onGates() {},
    onNews() {},
  });
  const backends = Array.from({ length: 200 }, () => checked());
  const routes = [aRoute({ serving: { kind: 'pool', backends } })];
  watch.take(new TablePacker(new TrafficLedger()).pack({ version: 1, routes }));
  clock.advance(10_004);
  const bySecond = Map.groupBy(times.slice(200), (ms) => Math.floor(ms / 1_000));
  for (let second = 0; second < 9; second++) assert.ok((bySecond.get(second)?.length ?? 0) >= 15, `second ${second}`);
});

test('a connection at the gate is given a second, a check in good times what its label says', () => {
  const { take, last, clock } = aWatch();
  take([checked()]);
  assert.equal(last().timeoutMs, 1_000);
  last().end(null);
  clock.advance(5_000);
  assert.equal(last().timeoutMs, 5_000);
});

test('a worker that has just started is told of all', () => {
  const { take, asked, watch } = aWatch();
  const [one, other] = [checked(), checked()];
  take([one, other]);
  asked[0]?.end(null);
  assert.deepEqual(watch.gates(), [
    { peer: peerId(one), state: 'healthy' },
    { peer: peerId(other), state: 'starting' },
  ]);
});

test('all together are asked 250 times a second at most, and one that starts among them as often as alone', () => {
  const { clock, asked, take } = aWatch();
  let ended = 0;
  const late = checked();
  const pass = (ms: number) => {
    for (let at = 0; at < ms; at += 5) {
      clock.advance(5);
      for (; ended < asked.length; ended++) asked[ended]?.end(asked[ended]?.backend.id === late.id ? 'refused' : null);
    }
  };
  const many = Array.from({ length: 200 }, () => checked({ check: tcpCheck({ intervalMs: 50 }) }));
  take(many);
  pass(2_000);
  const before = asked.length;
  take(many, [late]);
  pass(4_000);
  const ofLate = asked.filter(({ backend: { id } }) => id === late.id).length;
  assert.equal(ofLate, 12);
  const others = asked.length - before - ofLate;
  assert.ok(others > 800 && others <= 1_000, `${others} in 4 s`);
});
