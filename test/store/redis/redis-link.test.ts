import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { RedisConnection, RedisReply } from '../../../src/store/redis/redis-connection.ts';
import { redisFaultText } from '../../../src/store/redis/redis-fault.ts';
import { RedisLink, StoreAway } from '../../../src/store/redis/redis-link.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A server that answers, is silent, or is not there, as the test says. */
function aServer() {
  const state = { there: true, silent: false, connections: 0 };
  const connect = async (): Promise<RedisConnection> => {
    state.connections++;
    if (!state.there) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    const ended = Promise.withResolvers<void>();
    const lost = Promise.withResolvers<RedisReply>();
    lost.promise.catch(() => {});
    const destroy = (): void => {
      lost.reject(new Error('Disconnects client'));
      ended.resolve();
    };
    return { send: async () => (state.silent ? lost.promise : 'PONG'), destroy, ended: ended.promise };
  };
  return { state, connect };
}

function aLink() {
  const clock = new FakeClock();
  const { state, connect } = aServer();
  const told: string[] = [];
  const log = {
    debug() {},
    info() {},
    error() {},
    child: () => log,
    warn: (_: object, text: string) => told.push(text),
  };
  const link = new RedisLink({ at: 'redis://redis:6379', connect, clock, random: () => 1, log });
  /** Time passes second by second, and what it sets off happens. */
  const pass = async (seconds: number): Promise<void> => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1_000);
      await setImmediate();
    }
  };
  return { clock, state, told, link, pass };
}

test('a server that is silent is given up within two seconds, and whoever asks then hears so at once', async () => {
  const { link, state, pass, told } = aLink();
  await link.start();
  assert.equal(await link.send(['PING']), 'PONG');
  await pass(10);
  state.silent = true;
  const answer = link.send(['PING']);
  const refused = assert.rejects(answer, StoreAway);
  await pass(2);
  await refused;
  assert.equal(link.standing.connected, state.connections > 1);
  state.there = false;
  await pass(1);
  await assert.rejects(link.send(['PING']), StoreAway);
  assert.equal(told.length, 1);
});

test('it is tried again ever more seldom, is told once, and is used when it is back', async () => {
  const { link, state, pass, told } = aLink();
  state.there = false;
  let connected = 0;
  link.onConnected = () => connected++;
  await link.start();
  assert.deepEqual(link.standing, { connected: false, sinceMs: 1_800_000_000_000, why: 'nobody listens there' });
  await pass(60);
  assert.ok(state.connections > 12 && state.connections < 24, String(state.connections));
  assert.equal(told.length, 1);
  state.there = true;
  await pass(5);
  assert.equal(connected, 1);
  assert.equal(link.standing.why, '');
  assert.equal(await link.send(['PING']), 'PONG');
});

test('a link that is closed stays so', async () => {
  const { link, state, pass, clock } = aLink();
  await link.start();
  link.close();
  await pass(20);
  assert.equal(state.connections, 1);
  assert.equal(clock.pending, 0);
});

test('of what the server says only its code is told', () => {
  const echo = "ERR unknown command 'AUTH', with args beginning with: 'fairlead' 'hunter2'";
  for (const said of [echo, 'WRONGPASS hunter2', 'hunter2', 'XYZ hunter2'])
    assert.doesNotMatch(redisFaultText(new Error(said)), /hunter2/);
  assert.equal(redisFaultText(new Error('NOAUTH Authentication required.')), 'it wants a password');
});
