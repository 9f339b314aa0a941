import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { dns } from '../issuers.ts';
import { day, hour, KeeperWorld, minute } from './keeper-world.ts';

test('a certificate is renewed at two thirds of its life, in its own place', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  const first = world.shown('a.example.com')?.certificate;
  await world.pass(54 * day, hour);
  assert.equal(world.placed.length, 1);
  await world.pass(7 * day, hour);
  assert.deepEqual(
    world.placed.map(({ replaces }) => replaces),
    [false, true],
  );
  assert.notEqual(world.shown('a.example.com')?.certificate, first);
  assert.equal(world.held.length, 1);
});

test('certificates of an hour are renewed at half of it, hour after hour', async () => {
  const world = await KeeperWorld.start();
  world.play = () => ({ lifeMs: hour });
  await world.routes('a.example.com');
  await world.pass(6 * hour);
  assert.ok(world.placed.length >= 12 && world.placed.length <= 15, `${world.placed.length} orders`);
  assert.equal(world.view('a.example.com').state, 'valid');
});

test('the issuer says when: earlier, and again when it changes its mind', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  await world.pass(2 * day, hour);
  assert.equal(world.placed.length, 1);
  world.renewalTime = async () => world.clock.now() - 1;
  await world.pass(20 * minute);
  assert.equal(world.placed.length, 2);
});

test('an issuer that always wants a renewal at once gets four in a week', async () => {
  const world = await KeeperWorld.start();
  world.renewalTime = async () => 0;
  await world.routes('a.example.com');
  await world.pass(6 * day, 10 * minute);
  assert.equal(world.placed.length, 4);
});

test('a renewal that fails is tried more often as the end comes near, and the old one stays in use to its end and beyond', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  const first = world.shownNames('a.example.com');
  world.play = () => failure('challenge', { type: 'connection' });
  await world.pass(89 * day, hour);
  const { state, failures, problem } = world.view('a.example.com');
  assert.equal(state, 'renewal-failing');
  assert.ok(failures > 3 && problem !== null);
  const tries = (fromDay: number, toDay: number) =>
    world.placed.filter(({ atMs }) => atMs >= fromDay * day && atMs < toDay * day).length;
  assert.ok(tries(62, 72) >= 9 && tries(62, 72) <= 14, `${tries(62, 72)} in ten days`);
  assert.ok(tries(88, 89) >= 4 && tries(88, 89) <= 24, `${tries(88, 89)} in the last day but one`);
  await world.pass(2 * day, hour);
  assert.equal(world.view('a.example.com').state, 'expired');
  assert.equal(world.shownNames('a.example.com'), first);
});

test('an expired certificate is shown after a restart too, and a new one is ordered at once', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { fromMs: world.clock.now() - 91 * day });
  await world.restart();
  world.play = () => 'hang';
  await world.routes('a.example.com');
  assert.deepEqual([world.view('a.example.com').state, world.placed.length], ['expired', 1]);
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  await world.release();
  assert.equal(world.view('a.example.com').state, 'valid');
});

test('an issuer that cannot be asked about renewal delays none that is urgent', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { fromMs: world.clock.now() - 85 * day });
  await world.hold('b.example.com', { fromMs: world.clock.now() - 70 * day });
  world.renewalTime = () => new Promise(() => {});
  await world.restart();
  await world.routes('a.example.com', 'b.example.com');
  assert.deepEqual(
    world.placed.map(({ names }) => names),
    ['a.example.com'],
  );
});

test('a thousand certificates are asked about four at a time', async () => {
  const world = await KeeperWorld.start();
  const hosts = Array.from({ length: 40 }, (_, i) => `a${i}.example.com`);
  for (const host of hosts) await world.hold(host);
  let [asking, most] = [0, 0];
  world.renewalTime = async () => {
    most = Math.max(most, ++asking);
    await Promise.resolve();
    asking--;
    return world.clock.now() + 60 * day;
  };
  await world.restart();
  await world.routes(...hosts);
  assert.deepEqual([most, asking, world.placed.length], [4, 0, 0]);
  assert.ok(hosts.every((host) => world.view(host).nextAttempt !== null));
});

test('a name that a wildcard of another route serves leaves the renewal to it', async () => {
  const world = await KeeperWorld.start(
    { dns },
    { name: 'other', dns, directoryUrl: 'https://other.example.net/directory' },
  );
  const named = { tls: { kind: 'issuer', name: 'default' } } as const;
  await world.routes('*.example.com');
  await world.routes('*.example.com', { host: 'a.example.com', options: named });
  assert.equal(world.shownNames('a.example.com'), '*.example.com');
  await world.pass(80 * day, hour);
  assert.deepEqual(
    world.placed.map(({ names }) => names),
    ['*.example.com', '*.example.com'],
  );
  assert.equal(world.shown('a.example.com')?.certificate, world.shown('*.example.com')?.certificate);
});

test('a name whose wildcard is no longer renewed orders its own before that ends', async () => {
  const world = await KeeperWorld.start({ dns });
  await world.hold('*.example.com');
  await world.restart();
  await world.routes('a.example.com');
  await world.pass(65 * day, hour);
  assert.deepEqual(
    world.placed.map(({ names, replaces }) => [names, replaces]),
    [['a.example.com', false]],
  );
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
});

test('a clock that is years ahead costs four orders a week and says so', async () => {
  const world = await KeeperWorld.start();
  world.play = () => ({ lifeMs: 90 * day, fromMs: world.clock.now() - 800 * day });
  await world.routes('a.example.com');
  await world.pass(6 * day, 10 * minute);
  assert.equal(world.placed.length, 4);
  assert.equal(world.view('a.example.com').state, 'expired');
  assert.ok(world.said('is the clock right?').length > 0);
});

test('a certificate that is not valid yet by this clock is shown, since that of clients may be right', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { fromMs: world.clock.now() + 30 * day });
  await world.restart();
  await world.routes('a.example.com');
  assert.deepEqual([world.shownNames('a.example.com'), world.placed], ['a.example.com', []]);
  assert.match(world.view('a.example.com').why, /is the clock right/);
});
