import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, hour, KeeperWorld } from './keeper-world.ts';

test('a certificate whose route is gone is not renewed, kept for thirty days and then archived', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { fromMs: world.clock.now() - 50 * day });
  await world.restart();
  await world.routes('a.example.com');
  await world.routes();
  assert.match(world.view('a.example.com').why, /archived in 30 of 30 days/);
  await world.pass(29 * day, hour);
  assert.deepEqual([world.archived.length, world.placed.length], [0, 0]);
  await world.pass(2 * day, hour);
  assert.deepEqual([world.archived.length, world.held.length, world.keeper.views().length], [1, 0, 0]);
});

test('a route that comes back in time finds its certificate', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  await world.routes();
  await world.pass(29 * day, hour);
  await world.routes('a.example.com');
  await world.pass(20 * day, hour);
  assert.deepEqual([world.placed.length, world.view('a.example.com').state], [1, 'valid']);
  assert.deepEqual(world.archived, []);
});

test('one that has ended is archived a day later, however often the proxy starts again', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { fromMs: world.clock.now() - 95 * day });
  await world.restart();
  await world.routes();
  await world.pass(hour * 12, hour);
  assert.equal(world.archived.length, 0);
  await world.pass(day * 2, hour);
  assert.equal(world.archived.length, 1);
});

test('certificates of names that a route has grown out of do not stay for ever', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  await world.routes('a.example.com,b.example.com');
  await world.routes('a.example.com,b.example.com,c.example.com');
  await world.pass(31 * day, hour);
  assert.deepEqual(
    world.held.map(({ certificate }) => certificate.names.length),
    [3],
  );
});

test('of several of which nobody knows why they are there only the unused ones are archived', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { wantedId: '', issuer: '', directoryUrl: '' });
  await world.hold('b.example.com', { wantedId: '', issuer: '', directoryUrl: '' });
  await world.restart();
  await world.routes('a.example.com');
  await world.pass(31 * day, hour);
  assert.deepEqual(
    world.archived.map(({ certificate }) => certificate.names),
    [['b.example.com']],
  );
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
});

test('a disk that cannot move it is asked again, not all the time', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com');
  await world.restart();
  await world.routes();
  world.diskIsFull = true;
  await world.pass(40 * day, hour);
  for (let i = 0; i < 50; i++) await world.routes();
  assert.equal(world.said('could not be archived').length, 1);
});
