import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { day, hour, KeeperWorld, minute } from './keeper-world.ts';

const second = { name: 'second', directoryUrl: 'https://second.example.net/directory' };

test('a route that goes while its order runs and comes back gets the certificate of that order', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('a.example.com');
  await world.routes();
  await world.routes('a.example.com');
  assert.equal(world.view('a.example.com').state, 'ordering');
  await world.release();
  assert.deepEqual([world.shownNames('a.example.com'), world.placed.length], ['a.example.com', 1]);
});

test('an order whose route is gone is brought to its end and kept, and no other issuer is asked', async () => {
  const world = await KeeperWorld.start({}, second);
  world.play = () => 'hang';
  await world.routes('a.example.com', 'b.example.com');
  await world.routes();
  await world.release();
  assert.deepEqual(
    world.held.map(({ certificate }) => certificate.names),
    [['a.example.com'], ['b.example.com']],
  );
  await world.routes('c.example.com');
  await world.routes();
  await world.release(failure('directory', { detail: 'it is down' }));
  assert.deepEqual(
    world.placed.map(({ issuer }) => issuer),
    ['default', 'default', 'default'],
  );
  await world.routes('a.example.com');
  assert.deepEqual([world.shownNames('a.example.com'), world.placed.length], ['a.example.com', 3]);
});

test('routes that come and go while an issuer hangs do not make more orders than four at once', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  for (let i = 0; i < 50; i++) await world.routes(`a${i}.example.com`);
  assert.equal(world.placed.length, 4);
});

test('who ends in the middle of an order ends it in the ledger, and the next start need not wait', async () => {
  const world = await KeeperWorld.start({}, second);
  world.play = () => 'hang';
  await world.routes('a.example.com');
  await world.keeper.close();
  await world.restart();
  world.play = () => 'sign';
  await world.routes('a.example.com');
  assert.deepEqual(
    world.placed.map(({ issuer }) => issuer),
    ['default', 'default'],
  );
  assert.equal(world.view('a.example.com').state, 'valid');
});

test('who is killed in the middle of an order waits a minute at the next start, and longer each time', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('a.example.com');
  await world.restart();
  await world.routes('a.example.com');
  assert.equal(world.placed.length, 1);
  assert.match(world.view('a.example.com').why, /^No order yet: a\.example\.com failed once\.$/);
  await world.pass(2 * minute);
  assert.equal(world.placed.length, 2);
  await world.restart();
  await world.routes('a.example.com');
  await world.pass(minute / 2);
  assert.equal(world.placed.length, 2);
  assert.equal(world.view('a.example.com').failures, 2);
});

test('nothing happens after the end', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com', 'app.localhost');
  await world.keeper.close();
  const before = [world.placed.length, world.published.length];
  await world.pass(100 * day, hour);
  assert.deepEqual([world.placed.length, world.published.length], before);
});

test('a certificate that cannot be written is served all the same, written when there is room, and not ordered again', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('a.example.com');
  world.diskIsFull = true;
  await world.release();
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  assert.deepEqual([world.held, world.settled], [[], []]);
  await world.routes();
  await world.routes('a.example.com');
  await world.pass(hour);
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  assert.equal(world.said('cannot be written; it is served').length, 1);
  world.diskIsFull = false;
  await world.pass(2 * minute);
  assert.deepEqual([world.held.length, world.settled.length, world.placed.length], [1, 1, 1]);
});
