import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { dns } from '../issuers.ts';
import { day, hour, KeeperWorld, minute } from './keeper-world.ts';

const second = { name: 'second', directoryUrl: 'https://second.example.net/directory' };
const staging = { stagingUrl: 'https://staging.example.net/directory' };

test('a host of the table gets a certificate by one order, and is shown it', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('a.example.com,www.a.example.com');
  assert.equal(world.shownNames('a.example.com'), null);
  assert.equal(world.view('a.example.com').state, 'ordering');
  await world.release();
  assert.equal(world.shownNames('a.example.com'), 'a.example.com www.a.example.com');
  assert.equal(world.shownNames('www.a.example.com'), 'a.example.com www.a.example.com');
  const view = world.view('a.example.com');
  assert.deepEqual([view.state, view.issuer, view.failures], ['valid', 'Played issuer', 0]);
  assert.equal(world.held.length, 1);
  assert.deepEqual(world.settled, ['a.example.com www.a.example.com']);
  assert.equal(world.placed.length, 1);
});

test('an order that fails is told in full, and tried again after a pause that grows', async () => {
  const world = await KeeperWorld.start();
  const refused = failure('challenge', { type: 'unauthorized', detail: 'it is not yours' });
  world.play = () => refused;
  await world.routes('a.example.com');
  const view = world.view('a.example.com');
  assert.deepEqual([view.state, view.failures, view.notAfter], ['waiting', 1, null]);
  assert.equal(view.problem?.detail, 'it is not yours');
  assert.ok(Date.parse(view.nextAttempt ?? '') > world.clock.now());
  await world.pass(4 * hour);
  const pauses = world.placed.slice(1).map(({ atMs }, i) => atMs - (world.placed[i]?.atMs ?? 0));
  assert.ok(pauses.length >= 4 && pauses.every((ms) => ms >= minute), pauses.join());
  assert.ok((pauses.at(-1) ?? 0) >= 30 * minute, pauses.join());
  world.play = () => 'sign';
  await world.pass(day);
  assert.deepEqual([world.view('a.example.com').state, world.view('a.example.com').problem], ['valid', null]);
});

test('where an issuer itself fails the next one is asked; where the name is at fault it is not', async () => {
  const down = await KeeperWorld.start({}, second);
  down.play = ({ issuer }) => (issuer === 'default' ? failure('directory', { detail: 'it is down' }) : 'sign');
  await down.routes('a.example.com');
  assert.deepEqual(
    down.placed.map(({ issuer }) => issuer),
    ['default', 'second'],
  );
  assert.equal(down.held[0]?.issuer, 'second');
  const astray = await KeeperWorld.start({}, second);
  astray.play = () => failure('challenge', { type: 'dns', names: ['a.example.com'] });
  await astray.routes('a.example.com');
  assert.deepEqual(
    astray.placed.map(({ issuer }) => issuer),
    ['default'],
  );
});

test('a label that names its issuer is served by that one alone', async () => {
  const world = await KeeperWorld.start({}, second);
  world.play = () => failure('directory');
  await world.routes({ host: 'a.example.com', options: { tls: { kind: 'issuer', name: 'second' } } });
  assert.deepEqual(
    world.placed.map(({ issuer }) => issuer),
    ['second'],
  );
});

test('after three failures in a row staging is asked first, and production once that went well', async () => {
  const world = await KeeperWorld.start(staging);
  world.play = () => (world.placed.length <= 3 ? failure('challenge', { type: 'dns' }) : 'sign');
  await world.routes('a.example.com');
  await world.pass(day);
  assert.deepEqual(
    world.placed.map((one) => one.staging),
    [false, false, false, true, false],
  );
  assert.equal(world.view('a.example.com').state, 'valid');
  assert.equal(world.settled.length, 2);
});

test('what the look at the names finds holds the order back, without one being spent', async () => {
  const world = await KeeperWorld.start();
  world.findings = ([name = '']) => [{ kind: 'unresolved', answer: 'no-name', detail: '', name, weight: 'fatal' }];
  await world.routes('a.example.com');
  assert.deepEqual([world.looked, world.placed], [['a.example.com'], []]);
  assert.match(world.view('a.example.com').why, /DNS/);
});

test('a look that fails holds nothing back', async () => {
  const world = await KeeperWorld.start();
  world.findings = () => {
    throw new Error('no such resolver');
  };
  await world.routes('a.example.com');
  assert.equal(world.view('a.example.com').state, 'valid');
  assert.equal(world.said('could not be looked at').length, 1);
});

test('at most four orders are under way at once, and all get their turn', async () => {
  const world = await KeeperWorld.start();
  const hosts = Array.from({ length: 11 }, (_, i) => `a${i}.example.com`);
  world.play = () => 'hang';
  await world.routes(...hosts);
  assert.equal(world.placed.length, 4);
  for (let i = 0; i < 3; i++) await world.release();
  assert.equal(world.placed.length, 11);
  assert.ok(hosts.every((host) => world.view(host).state === 'valid'));
});

test('a wildcard that is held spares the order, is shown, and counts as used', async () => {
  const world = await KeeperWorld.start({ dns });
  await world.hold('*.example.com');
  await world.restart();
  await world.routes('a.example.com');
  assert.equal(world.shownNames('a.example.com'), '*.example.com');
  assert.deepEqual([world.placed, world.view('a.example.com').state], [[], 'valid']);
  await world.pass(40 * day, hour);
  assert.deepEqual(world.archived, []);
});

test('a certificate of a directory that its issuer has left is shown until there is one of the new', async () => {
  const world = await KeeperWorld.start();
  await world.hold('a.example.com', { directoryUrl: 'https://staging.example.net/directory' });
  await world.restart();
  world.play = () => 'hang';
  await world.routes('a.example.com');
  const before = world.shown('a.example.com')?.certificate;
  assert.deepEqual([world.placed.length, world.shownNames('a.example.com')], [1, 'a.example.com']);
  await world.release();
  assert.notEqual(world.shown('a.example.com')?.certificate, before);
});
