import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { day, hour, KeeperWorld } from './keeper-world.ts';

async function asked(world: KeeperWorld, ...names: readonly string[]): Promise<void> {
  for (const name of names) world.keeper.want(name);
  await world.quiet();
}

test('a name that a pattern takes is ordered when a handshake asks for it, once however often it asks', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('*.example.com');
  assert.deepEqual(world.placed, []);
  await asked(world, 'a.example.com', 'a.example.com');
  await asked(world, 'a.example.com');
  assert.equal(world.placed.length, 1);
  await world.release();
  await asked(world, 'a.example.com');
  assert.deepEqual([world.shownNames('a.example.com'), world.placed.length], ['a.example.com', 1]);
});

test('names that no pattern takes, and texts that are no names, are not remembered', async () => {
  const world = await KeeperWorld.start();
  await world.routes('*.example.com', 'app.localhost');
  await asked(world, 'b.example.org', 'x y.example.com', `${'a'.repeat(70)}.example.com`, '*.example.com', '');
  assert.deepEqual([world.placed, world.published.at(-1)?.hosts.map(({ host }) => host)], [[], ['app.localhost']]);
});

test('what was asked for comes back after a restart without an order, and is renewed', async () => {
  const world = await KeeperWorld.start();
  await world.routes('*.example.com');
  await asked(world, 'a.example.com');
  await world.restart();
  await world.routes('*.example.com');
  assert.deepEqual([world.shownNames('a.example.com'), world.placed.length], ['a.example.com', 1]);
  await world.pass(61 * day, hour);
  assert.equal(world.placed.length, 2);
});

test('names that were asked for survive a change of the table, and go with their pattern', async () => {
  const world = await KeeperWorld.start();
  await world.routes('*.example.com');
  await asked(world, 'a.example.com');
  await world.routes('*.example.com', 'b.example.org');
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  await world.routes('b.example.org');
  assert.equal(world.shown('a.example.com'), undefined);
  assert.equal(world.view('a.example.com').state, 'unused');
});

test('of more than a thousand names without a certificate the oldest are forgotten, never one that is being ordered', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('*.example.com');
  const names = Array.from({ length: 1_100 }, (_, i) => `n${i}.example.com`);
  await asked(world, ...names);
  assert.equal(world.published.at(-1)?.hosts.length, 1_000);
  assert.ok(world.placed.length > 0);
  for (const { names: name } of world.placed) assert.equal(world.view(name).state, 'ordering');
  assert.ok(world.placed.length <= 8, `${world.placed.length} orders`);
});

test('strangers get half of the budget: of names of one domain twenty in a week', async () => {
  const world = await KeeperWorld.start();
  await world.routes('*.example.com');
  await asked(world, ...Array.from({ length: 60 }, (_, i) => `n${i}.example.com`));
  await world.pass(day, hour);
  assert.equal(world.placed.length, 20);
  await world.routes('*.example.com', 'wanted.example.com');
  assert.equal(world.shownNames('wanted.example.com'), 'wanted.example.com');
});

test('where a person and handshakes wait, slow orders of others are not waited for', async () => {
  const world = await KeeperWorld.start();
  world.play = ({ names }) => (names.startsWith('slow') ? 'hang' : 'sign');
  await world.routes('*.example.com', ...Array.from({ length: 6 }, (_, i) => `slow${i}.example.org`));
  assert.equal(world.placed.length, 4);
  await asked(world, 'a.example.com');
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
});

test('a local name below a pattern is signed here, and its pattern says whether anybody is sent to it', async () => {
  const world = await KeeperWorld.start();
  await world.routes('*.localhost', { host: '*', options: { tls: { kind: 'internal' } } });
  await asked(world, 'a.localhost', 'a.example.com');
  assert.deepEqual([world.shown('a.localhost')?.placeholder, world.shown('a.example.com')?.placeholder], [true, false]);
});

test('a name whose order fails waits like any other, whoever asks', async () => {
  const world = await KeeperWorld.start();
  world.play = () => failure('challenge', { type: 'dns' });
  await world.routes('*.example.com');
  for (let i = 0; i < 20; i++) await asked(world, 'a.example.com');
  assert.equal(world.placed.length, 1);
});
