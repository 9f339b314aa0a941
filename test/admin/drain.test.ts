import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { adminOver, labelledContainer, type ViewText } from './admin-world.ts';

const labels = { 'proxy.host': 'app.example.com' };
const named = (name: string, id = name) => labelledContainer(labels, { name, id: Buffer.from(id).toString('hex') });

async function world(t: TestContext, about: ViewText = {}) {
  const drained: [string, boolean][] = [];
  const setDrained = (id: string, is: boolean) => void drained.push([id, is]);
  const containers = about.containers ?? [named('shop-web-1'), named('shop-web-2')];
  const { ask } = await adminOver(t, { ...about, containers, setDrained });
  return { drained, post: (path: string) => ask(path, { method: 'POST' }), ask, containers };
}

test('a drained container is found by name, by id and by the beginning of its id', async (t) => {
  const { post, drained, containers } = await world(t);
  const id = containers[0]?.id as string;
  for (const word of ['shop-web-1', id, `${Buffer.from('shop-web-1').toString('hex')}`]) {
    const answer = await post(`/backends/${word}/drain`);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json(), { container: 'shop-web-1', state: 'draining', inFlight: 0 });
  }
  assert.deepEqual(drained, Array(3).fill([id, true]));
});

test('while it has requests the answer is 202, so that one can ask until it is 200', async (t) => {
  const containers = [named('app')];
  const traffic = {
    connections: { active: 0, accepted: 0, handled: 0, requests: 0, reading: 0, writing: 0, waiting: 0 },
    routes: {},
    peers: { [containers[0]?.id as string]: { inFlight: 3, requests: 9, fails: 0 } },
    ejected: new Set<string>(),
  };
  const { post } = await world(t, { containers, traffic });
  const answer = await post('/backends/app/drain');
  assert.deepEqual([answer.status, answer.json<{ inFlight: number }>().inFlight], [202, 3]);
  assert.match((await post('/backends/app/drain?format=text')).body, /no new requests; 3 under way/);
});

test('undrained it is again as the others', async (t) => {
  const { post, drained, containers } = await world(t);
  const answer = await post('/backends/shop-web-2/undrain');
  assert.deepEqual([answer.status, answer.json()], [200, { container: 'shop-web-2', drained: false }]);
  assert.deepEqual(drained, [[containers[1]?.id, false]]);
});

test('one that nobody knows is a 404 with those whose names are near', async (t) => {
  const { post, drained } = await world(t);
  for (const word of ['shop-wbe-1', 'web']) {
    const answer = await post(`/backends/${word}/drain`);
    assert.equal(answer.status, 404);
    assert.ok(answer.json<{ nearestContainers: string[] }>().nearestContainers.includes('shop-web-1'), word);
  }
  assert.deepEqual((await post('/backends/%ff/drain')).json<{ nearestContainers: string[] }>().nearestContainers, []);
  assert.deepEqual(drained, []);
});

test('an id that begins several is not taken for one of them', async (t) => {
  const { post, drained } = await world(t);
  const answer = await post(`/backends/${Buffer.from('shop').toString('hex')}/drain`);
  assert.equal(answer.status, 409);
  assert.equal(answer.json<{ containers: string[] }>().containers.length, 2);
  assert.deepEqual(drained, []);
});

test('it has an effect, so it is asked by POST', async (t) => {
  const { ask, drained } = await world(t);
  const { status, headers } = await ask('/backends/shop-web-1/drain');
  assert.deepEqual([status, headers.allow], [405, 'POST']);
  assert.deepEqual(drained, []);
});
