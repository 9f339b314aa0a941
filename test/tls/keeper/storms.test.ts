import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { day, hour, KeeperWorld, minute } from './keeper-world.ts';

const month = 30 * day;
const hosts = Array.from({ length: 10 }, (_, i) => `a${i}.example.com`);

/** The most orders that fall into any stretch of that length. */
function most(world: KeeperWorld, windowMs: number): number {
  const times = world.placed.map(({ atMs }) => atMs).sort((a, b) => a - b);
  return Math.max(
    0,
    ...times.map((fromMs) => times.filter((atMs) => atMs >= fromMs && atMs < fromMs + windowMs).length),
  );
}

function tell(t: TestContext, world: KeeperWorld): void {
  t.diagnostic(`${world.placed.length} orders in a month, at most ${most(world, hour)} in an hour`);
}

test('ten names that the issuer always refuses: about one order a day and name in a month', async (t) => {
  const world = await KeeperWorld.start();
  world.play = () => failure('challenge', { type: 'unauthorized' });
  await world.routes(...hosts);
  await world.pass(month, 10 * minute);
  tell(t, world);
  assert.ok(world.placed.length > 10 * 25 && world.placed.length <= 10 * 45, `${world.placed.length} orders`);
  assert.ok(most(world, hour) <= 30, `${most(world, hour)} in an hour`);
});

test('an issuer that is down for a month is asked by one order at a time', async (t) => {
  const world = await KeeperWorld.start();
  world.play = () => failure('directory', { detail: 'it is down' });
  await world.routes(...hosts);
  await world.pass(month, 10 * minute);
  tell(t, world);
  assert.ok(world.placed.length >= 30 && world.placed.length <= 30 * 24 * 4, `${world.placed.length} orders`);
  assert.ok(most(world, hour) <= 12, `${most(world, hour)} in an hour`);
  world.play = () => 'sign';
  await world.pass(2 * day, 10 * minute);
  assert.ok(hosts.every((host) => world.view(host).state === 'valid'));
});

test('an issuer whose orders hang holds up four, and what answers again goes on', async (t) => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes(...hosts);
  for (let days = 0; days < 30; days++) {
    await world.release(failure('order', { detail: 'the issuer was not done within 30 s' }));
    await world.pass(day, 10 * minute);
  }
  tell(t, world);
  assert.ok(world.placed.length <= 4 + 30 * 4, `${world.placed.length} orders`);
  world.play = () => 'sign';
  await world.release();
  await world.pass(2 * day, 10 * minute);
  assert.ok(hosts.every((host) => world.view(host).state === 'valid'));
});

test('a disk that is full for a month: nothing is ordered, little is said, and then all goes on', async () => {
  const world = await KeeperWorld.start();
  world.diskIsFull = true;
  await world.routes(...hosts);
  assert.match(
    world.view('a0.example.com').why,
    /No order yet: the data directory cannot be written|ledger of orders cannot be written/,
  );
  await world.pass(hour);
  assert.equal(world.said('could not be written down').length, 1);
  await world.pass(month, 10 * minute);
  assert.equal(world.placed.length, 0);
  world.diskIsFull = false;
  await world.pass(10 * minute);
  assert.ok(hosts.every((host) => world.view(host).state === 'valid'));
});

test('a proxy that crashes after every order, every ten minutes for a day, is held by what it wrote', async (t) => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  for (let starts = 0; starts < 144; starts++) {
    await world.restart();
    await world.routes(...hosts);
    await world.pass(10 * minute);
  }
  tell(t, world);
  assert.ok(world.placed.length <= 10 * 12, `${world.placed.length} orders`);
});

test('hosts that come and go every minute cost one order each', async () => {
  const world = await KeeperWorld.start();
  for (let minutes = 0; minutes < 300; minutes++) {
    await world.routes(...(minutes % 2 === 0 ? hosts : []));
    await world.pass(minute);
  }
  assert.equal(world.placed.length, 10);
});
