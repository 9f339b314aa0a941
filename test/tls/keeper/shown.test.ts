import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { day, hour, KeeperWorld, minute } from './keeper-world.ts';

test('while a name is added to a route the old certificate stays in use for the old names', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  world.play = () => 'hang';
  await world.routes('a.example.com,b.example.com');
  assert.deepEqual([world.shownNames('a.example.com'), world.shownNames('b.example.com')], ['a.example.com', null]);
  assert.equal(world.shown('a.example.com')?.placeholder, false);
  const views = world.keeper.views().map(({ names, state }) => `${names.join(' ')} ${state}`);
  assert.deepEqual(views, ['a.example.com b.example.com ordering', 'a.example.com valid']);
  await world.release();
  assert.equal(world.shownNames('a.example.com'), 'a.example.com b.example.com');
  assert.equal(world.placed.length, 2);
});

test('a name that is taken away costs no order', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com,b.example.com');
  await world.routes('a.example.com');
  await world.pass(day, hour);
  assert.deepEqual([world.placed.length, world.shownNames('a.example.com')], [1, 'a.example.com b.example.com']);
});

test('where no issuer is set any more, what is held stays in use', async () => {
  const world = await KeeperWorld.start({});
  await world.hold('a.example.com', { issuer: 'gone' });
  await world.restart();
  await world.routes({ host: 'a.example.com', options: { tls: { kind: 'issuer', name: 'gone' } } });
  assert.equal(world.shownNames('a.example.com'), 'a.example.com');
  assert.equal(world.view('a.example.com').state, 'no-issuer');
});

test('a local name is signed here at once, again before it ends, however often the routes change, and nobody is sent to it unasked', async () => {
  const world = await KeeperWorld.start();
  await world.routes('app.localhost', { host: 'b.localhost', options: { tls: { kind: 'internal' } } });
  assert.deepEqual(world.signedHere.toSorted(), ['app.localhost', 'b.localhost']);
  assert.deepEqual([world.shown('app.localhost')?.placeholder, world.shown('b.localhost')?.placeholder], [true, false]);
  assert.deepEqual(
    ['app.localhost', 'b.localhost', 'c.localhost'].map((host) => world.keeper.isReady(host)),
    [false, true, false],
  );
  assert.deepEqual([world.view('app.localhost').state, world.view('app.localhost').mode], ['valid', 'internal']);
  for (let days = 0; days < 61; days++) {
    await world.pass(day, hour / 2);
    await world.routes(
      'app.localhost',
      { host: 'b.localhost', options: { tls: { kind: 'internal' } } },
      `n${days}.localhost`,
    );
  }
  assert.equal(world.signedHere.filter((name) => name === 'app.localhost').length, 2);
  assert.deepEqual(world.placed, []);
});

test('a local name that could not be signed is signed within a minute of the disk having room', async () => {
  const world = await KeeperWorld.start();
  world.internalFails = true;
  await world.routes('app.localhost', 'b.localhost');
  await world.pass(10 * minute);
  assert.equal(world.view('app.localhost').state, 'waiting');
  assert.equal(world.said('could not sign').length, 1);
  world.internalFails = false;
  await world.pass(minute);
  assert.equal(world.view('app.localhost').state, 'valid');
});

test('the certificate of files is shown as it is now, also when only an intermediate was added', async () => {
  const world = await KeeperWorld.start();
  const route = { host: 'a.example.com', options: { tls: { kind: 'cert', name: 'shop' } } } as const;
  await world.routes(route);
  assert.deepEqual([world.shownNames('a.example.com'), world.view('a.example.com').state], [null, 'missing']);
  const certificate = await world.certificate(['a.example.com']);
  const [leaf = ''] = certificate.chainPem.split(/(?<=-----END CERTIFICATE-----\n)/);
  for (const chainPem of [leaf, certificate.chainPem]) {
    world.files.set('shop', { certificate: { ...certificate, chainPem }, fault: null });
    world.keeper.filesChanged();
    await world.quiet();
    assert.equal(world.published.at(-1)?.certificates[0]?.chainPem, chainPem);
  }
  assert.equal(world.view('a.example.com').state, 'valid');
});

test('a placeholder is shown where the label asks, until the certificate is there', async () => {
  const world = await KeeperWorld.start();
  world.play = () => failure('challenge', { type: 'dns' });
  await world.routes({ host: 'a.example.com', options: { 'tls.placeholder': true } }, 'b.example.com');
  assert.deepEqual(
    [world.shownNames('a.example.com'), world.shown('a.example.com')?.placeholder],
    ['a.example.com', true],
  );
  assert.equal(world.shownNames('b.example.com'), null);
  const { notAfter, issuer, state, why } = world.view('a.example.com');
  assert.deepEqual([notAfter, issuer, state], [null, null, 'waiting']);
  assert.match(why, /placeholder/);
  world.play = () => 'sign';
  await world.pass(day);
  assert.equal(world.shown('a.example.com')?.placeholder, false);
  assert.notEqual(world.view('a.example.com').notAfter, null);
});

test('unknown names are shown a certificate where they are to be answered', async () => {
  const world = await KeeperWorld.start();
  world.answersUnknown = true;
  await world.restart();
  await world.routes();
  assert.notEqual(world.published.at(-1)?.fallback ?? null, null);
});

test('nothing is told twice, and a start with many hosts is told in few parts', async () => {
  const world = await KeeperWorld.start();
  const hosts = Array.from({ length: 60 }, (_, i) => `a${i}.localhost`);
  await world.routes(...hosts);
  assert.ok(world.published.length < 30, `${world.published.length} sets`);
  const before = world.published.length;
  await world.routes(...hosts);
  await world.pass(hour);
  assert.equal(world.published.length, before);
});
