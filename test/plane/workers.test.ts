import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Limits } from '../../src/engine/limits.ts';
import type { Backend, Route } from '../../src/routing/table.ts';
import { eventually } from '../support/engine.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { rawClient } from '../support/raw-client.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { aBackend, aRoute, tcpCheck } from '../upstream/builders.ts';
import { quietPlane } from './quiet-plane.ts';

const trafficMs = 5_000;
/** That so many connections all go to one of two workers happens once in four thousand million times. */
const many = 32;

const fine = 'fine.test/';
const host = (name: string): Route['host'] => ({ kind: 'exact', text: name, name });
const get = (name: string, path = '/') => `GET ${path} HTTP/1.1\r\nHost: ${name}\r\n\r\n`;

/** Labels could not ask for such a route: its answer throws inside the worker, far from anybody who would catch. */
const deadly = { policy: { ...aRoute().policy, responseHeaders: [{ name: 'x', value: null, how: 'set' } as never] } };
/** Nor for this: its pattern takes long to see that a path does not fit. */
const slow = '^/(a+)+$';
const slowPath = `/${'a'.repeat(23)}b`;

/** A data plane process with a backend behind `fine.test`, one that never answers behind `mute.test`, and two routes that do harm. */
async function plane(
  t: TestContext,
  { workers, limits = {}, check = null }: { workers: number; limits?: Partial<Limits>; check?: Backend['check'] },
) {
  const backend = (await RawBackend.open(t)).always('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine');
  const mute = await RawBackend.open(t);
  let listening = 0;
  const events = { onListening: () => listening++ };
  const { dataPlane, port } = await quietPlane(t, { workers, limits, events });
  const serving: Route['serving'] = { kind: 'pool', backends: [aBackend({ id: 'c', port: backend.port, check })] };
  const routes = [
    aRoute({ id: 'deadly.test/', host: host('deadly.test'), serving, ...deadly }),
    aRoute({ id: fine, host: host('fine.test'), serving }),
    aRoute({
      id: 'mute.test/',
      host: host('mute.test'),
      serving: { kind: 'pool', backends: [aBackend({ id: 'm', port: mute.port })] },
    }),
    aRoute({
      id: 'few.test/',
      host: host('few.test'),
      serving: { kind: 'pool', backends: [aBackend({ id: 'm', port: mute.port })] },
      policy: { ...aRoute().policy, requestsMax: many, queueMs: 60_000 },
    }),
    aRoute({ id: 'slow.test/', host: host('slow.test'), path: { kind: 'regex', text: slow, source: slow }, serving }),
  ];
  dataPlane.publish({ version: 1, routes });
  dataPlane.start();
  const applied = () =>
    eventually('all workers serve', async () => listening > 0 && dataPlane.status().appliedVersion === 1);
  await applied();
  return {
    dataPlane,
    backend,
    applied,
    connect: () => rawClient(t, port),
    traffic: () => dataPlane.numbers.traffic(trafficMs),
    /** Waits until so many requests for `fine.test` have ended; a client has its answer a moment before that. */
    served: (requests: number) =>
      eventually(`${requests} requests are counted`, async () => {
        const traffic = await dataPlane.numbers.traffic(trafficMs);
        assert.ok((traffic.routes[fine]?.requests ?? 0) <= requests);
        return traffic.routes[fine]?.requests === requests && traffic;
      }),
    /** A request on a connection of its own, which stays open. */
    async ask(name: string, path?: string): Promise<RawSocket> {
      const client = await rawClient(t, port);
      client.write(get(name, path));
      return client;
    },
  };
}

async function answered(client: RawSocket): Promise<void> {
  assert.match(await client.head(), /^HTTP\/1.1 200 /);
  assert.equal(await client.bytes(4), 'fine');
}

function ended({ socket }: RawSocket): Promise<true> {
  return eventually('the connection has ended', async () => hasEnded(socket));
}

function hasEnded({ readableEnded, destroyed }: RawSocket['socket']): boolean {
  return readableEnded || destroyed;
}

async function again(client: RawSocket): Promise<void> {
  client.write(get('fine.test'));
  await answered(client);
}

test('connections are spread over the workers, each has its own to the backend, and the counts add up', async (t) => {
  const { ask, backend, traffic, served } = await plane(t, { workers: 2 });
  const clients: RawSocket[] = [];
  for (let i = 0; i < many; i++) {
    const client = await ask('fine.test');
    await answered(client);
    clients.push(client);
  }
  // One after the other, so that a worker never needs a second one.
  assert.equal(backend.connections.length, 2);
  for (const client of clients) await again(client);
  const { connections, peers } = await served(2 * many);
  assert.deepEqual([connections.active, connections.accepted, connections.requests], [many, many, 2 * many]);
  assert.deepEqual(peers.c, { inFlight: 0, requests: 2 * many, fails: 0 });
  for (const client of clients) client.end();
  await eventually('all are closed', async () => (await traffic()).connections.active === 0);
});

test('what connections are busy with is told of all workers, and no more of one that has died', async (t) => {
  const { dataPlane, ask, connect, traffic } = await plane(t, { workers: 2 });
  const clients: RawSocket[] = [];
  for (let i = 0; i < many; i++) {
    const idle = await ask('fine.test');
    await answered(idle);
    const [begun, asking] = [await connect(), await ask('mute.test')];
    begun.write('GET / HT');
    clients.push(idle, begun, asking);
  }
  const busy = (each: number) => ({ active: 3 * each, reading: each, writing: each, waiting: each });
  const now = async () => {
    const { active, reading, writing, waiting } = (await traffic()).connections;
    return { active, reading, writing, waiting };
  };
  await eventually('all are told of', async () => isDeepStrictEqual(await now(), busy(many)));

  await ended(await ask('deadly.test'));
  await eventually('it is seen', async () => dataPlane.status().restarts.workers === 1);
  await eventually('those that are left are told of', async () => {
    const left = clients.filter(({ socket }) => !hasEnded(socket)).length;
    const { active, reading, writing, waiting } = await now();
    return active === left && left < clients.length && reading + writing + waiting === left && waiting > 0;
  });
  process.kill(dataPlane.status().pid ?? 0, 'SIGKILL');
  await eventually('it is seen', async () => dataPlane.status().restarts.dataPlane === 1);
  assert.deepEqual(await now(), busy(0));
});

test('what a worker that has died had in flight at a container is no more, and its places are for those who wait', async (t) => {
  const { dataPlane, ask, traffic } = await plane(t, { workers: 2 });
  const inFlight = (requests: () => number) =>
    eventually('so many are in flight', async () => (await traffic()).peers.m?.inFlight === requests());
  const begun: RawSocket[] = [];
  for (let i = 0; i < many; i++) begun.push(await ask('few.test'));
  await inFlight(() => many);
  const waiting: RawSocket[] = [];
  for (let i = 0; i < many / 4; i++) waiting.push(await ask('few.test'));
  await eventually(
    'they have come',
    async () => (await traffic()).connections.requests === begun.length + waiting.length,
  );
  assert.equal((await traffic()).peers.m?.inFlight, many);

  await ended(await ask('deadly.test'));
  await eventually('it is seen', async () => dataPlane.status().restarts.workers === 1);
  const left = () => [...begun, ...waiting].filter(({ socket }) => !hasEnded(socket)).length;
  await inFlight(() => Math.min(left(), many));
  assert.ok(left() > 0 && left() < many);
});

test('connections beyond the limit over all workers are accepted and not handled', async (t) => {
  const { ask, connect, traffic } = await plane(t, { workers: 2, limits: { connectionsMax: 8, perAddressMax: 8 } });
  // Asking, so that none of them makes room for another.
  for (let i = 0; i < 8; i++) {
    await ask('mute.test');
    await eventually('it is being answered', async () => (await traffic()).connections.writing === i + 1);
  }
  for (let i = 0; i < many; i++) await ended(await connect());
  const { active, accepted, handled, requests } = (await traffic()).connections;
  assert.deepEqual([active, accepted, handled, requests], [8, 8 + many, 8, 8]);
});

test('while one worker is stuck the others serve, and what it has counted is told', async (t) => {
  const { ask, traffic, served } = await plane(t, { workers: 2 });
  const stuck = await ask('slow.test', slowPath);
  let over = false;
  stuck.socket.once('data', () => {
    over = true;
  });
  // Half of these wait for the one that is stuck.
  const clients = await Promise.all(Array.from({ length: many }, () => ask('fine.test')));
  let meanwhile = 0;
  const all = clients.map(async (client) => {
    await answered(client);
    if (!over) meanwhile++;
  });
  await Promise.any(all);
  const { connections } = await traffic();
  assert.ok(meanwhile > 0 && connections.requests >= 1);
  await Promise.all(all);
  assert.match(await stuck.head(), /^HTTP\/1.1 404 /);
  await served(many);
});

test('a worker that dies takes its own connections with it and no others, comes back, and nothing counted is lost', async (t) => {
  const { dataPlane, ask, served } = await plane(t, { workers: 2 });
  const clients: RawSocket[] = [];
  for (let i = 0; i < many; i++) {
    const client = await ask('fine.test');
    await answered(client);
    clients.push(client);
  }
  await served(many);
  await ended(await ask('deadly.test'));
  await eventually('it is seen', async () => dataPlane.status().restarts.workers === 1);
  const left = clients.filter(({ socket }) => !hasEnded(socket));
  const survivors: RawSocket[] = [];
  for (const client of left) {
    await again(client).then(
      () => survivors.push(client),
      () => {},
    );
  }
  assert.ok(survivors.length > 0 && survivors.length < many, `${survivors.length} of ${many} survived`);
  const { connections, peers } = await served(many + survivors.length);
  assert.deepEqual([connections.active, connections.writing], [survivors.length, 0]);
  assert.deepEqual([connections.accepted, connections.requests], [many + 1, many + 1 + survivors.length]);
  assert.equal(peers.c?.inFlight, 0);

  await eventually('both serve again', async () => dataPlane.status().appliedVersion === 1);
  for (let i = 0; i < many; i++) await answered(await ask('fine.test'));
  await served(2 * many + survivors.length);
  assert.equal(dataPlane.status().restarts.dataPlane, 0);
});

test('the only worker dies again and again, and the port is served again each time', async (t) => {
  const { dataPlane, ask, connect, served } = await plane(t, { workers: 1 });
  for (let death = 1; death <= 3; death++) {
    await answered(await ask('fine.test'));
    await served(death);
    await ended(await ask('deadly.test'));
    await eventually('it is back', async () => {
      const client = await connect().catch(() => null);
      client?.end();
      return client !== null && dataPlane.status().restarts.workers === death;
    });
    await eventually('it has the table', async () => dataPlane.status().appliedVersion === 1);
    await served(death);
  }
});

test('a worker that comes back knows which backends have passed their check, and so does a new data plane', async (t) => {
  const { dataPlane, ask } = await plane(t, { workers: 1, check: tcpCheck() });
  const served = () =>
    eventually('it is served', async () => {
      const client = await ask('fine.test').catch(() => null);
      const head = await client?.head().catch(() => '');
      client?.end();
      return head?.startsWith('HTTP/1.1 200 ');
    });
  await served();
  await ended(await ask('deadly.test'));
  await eventually('it is seen', async () => dataPlane.status().restarts.workers === 1);
  await served();
  process.kill(dataPlane.status().pid ?? 0, 'SIGKILL');
  await eventually('it is seen', async () => dataPlane.status().restarts.dataPlane === 1);
  await served();
});

test('a data plane that is killed counts on from what was heard of it', async (t) => {
  const { dataPlane, ask, applied, traffic, served } = await plane(t, { workers: 2 });
  for (let i = 0; i < 5; i++) await answered(await ask('fine.test'));
  await served(5);
  process.kill(dataPlane.status().pid ?? 0, 'SIGKILL');
  await eventually('it is seen', async () => dataPlane.status().restarts.dataPlane === 1);
  const { connections, routes } = await traffic();
  assert.deepEqual([connections.active, connections.accepted, routes[fine]?.requests], [0, 5, 5]);
  await applied();
  await answered(await ask('fine.test'));
  const after = await served(6);
  assert.deepEqual([after.connections.active, after.connections.accepted], [1, 6]);
});

test('a data plane that has died is not started again once it was told to leave', async (t) => {
  const { dataPlane } = await plane(t, { workers: 1 });
  process.kill(dataPlane.status().pid ?? 0, 'SIGKILL');
  // Looks before any timer is due, the one of the restart as well.
  while (dataPlane.status().restarts.dataPlane === 0) await setImmediate();
  await dataPlane.drain(0);
  // Behind the timer of the restart, which was set before.
  await setTimeout(0);
  assert.equal(dataPlane.status().pid, null);
});
