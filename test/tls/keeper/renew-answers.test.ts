import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../acme/failures.ts';
import { dns } from '../issuers.ts';
import { day, KeeperWorld, minute } from './keeper-world.ts';

const staging = { stagingUrl: 'https://staging.example.net/directory' };
const now = (host: string | null) => ({ host, dry: false });
const dry = (host: string | null) => ({ host, dry: true });

test('a person does not wait for pauses of our own making', async () => {
  const world = await KeeperWorld.start();
  world.play = () => failure('challenge', { type: 'dns' });
  await world.routes('a.example.com');
  world.play = () => 'sign';
  const answer = await world.keeper.renew(now('a.example.com'));
  assert.deepEqual(answer, { kind: 'begun', begun: [{ names: ['a.example.com'], issuer: 'default' }], held: [] });
  await world.pass(minute / 60);
  assert.equal(world.view('a.example.com').state, 'valid');
});

test('what the issuer said holds for persons too, and they are told until when', async () => {
  const world = await KeeperWorld.start();
  const untilMs = world.clock.now() + day;
  world.play = () => failure('order', { type: 'rateLimited', detail: 'too many certificates', retryAfterMs: untilMs });
  await world.routes('a.example.com');
  assert.equal(world.view('a.example.com').problem?.retryAfter, new Date(untilMs).toISOString());
  const answer = await world.keeper.renew(now('a.example.com'));
  assert.equal(answer.kind, 'begun');
  if (answer.kind !== 'begun') return;
  assert.deepEqual([answer.begun, answer.held.length], [[], 1]);
  assert.ok(Math.abs(Date.parse(answer.held[0]?.notBefore ?? '') - untilMs) < minute);
  await world.pass(10 * minute);
  assert.equal(world.placed.length, 1);
});

test('who asks while an order is under way is told that it is, and gets no second', async () => {
  const world = await KeeperWorld.start();
  world.play = () => 'hang';
  await world.routes('a.example.com');
  for (let i = 0; i < 3; i++) {
    const answer = await world.keeper.renew(now('a.example.com'));
    assert.deepEqual(answer, { kind: 'begun', begun: [{ names: ['a.example.com'], issuer: 'default' }], held: [] });
  }
  await world.pass(minute);
  assert.equal(world.placed.length, 1);
});

test('all at once are ordered a few at a time', async () => {
  const world = await KeeperWorld.start();
  await world.routes(...Array.from({ length: 30 }, (_, i) => `a${i}.example.com`));
  world.play = () => 'hang';
  const before = world.placed.length;
  const answer = await world.keeper.renew(now(null));
  assert.equal(answer.kind === 'begun' && answer.begun.length, 30);
  await world.pass(minute);
  assert.equal(world.placed.length - before, 8);
});

test('a name below a wildcard means the certificate of the wildcard', async () => {
  const world = await KeeperWorld.start({ dns });
  await world.routes('*.example.com');
  const answer = await world.keeper.renew(now('a.example.com'));
  assert.deepEqual(answer.kind === 'begun' && answer.begun, [{ names: ['*.example.com'], issuer: 'default' }]);
});

test('hosts without a certificate, and those that nobody has to be asked for', async () => {
  const world = await KeeperWorld.start();
  await world.routes('app.localhost', { host: 'f.example.com', options: { tls: { kind: 'cert', name: 'shop' } } });
  assert.deepEqual(await world.keeper.renew(now('x.example.com')), { kind: 'no-certificate' });
  const [internal, file] = [
    await world.keeper.renew(now('app.localhost')),
    await world.keeper.renew(dry('f.example.com')),
  ];
  assert.match(internal.kind === 'nothing-to-order' ? internal.why : '', /internal CA/);
  assert.match(file.kind === 'nothing-to-order' ? file.why : '', /cert:shop/);
});

test('a dry run orders at staging alone, and changes nothing', async () => {
  const world = await KeeperWorld.start(staging);
  world.play = () => failure('challenge', { type: 'dns' });
  await world.routes('a.example.com');
  const before = world.view('a.example.com');
  const bad = await world.keeper.renew(dry('a.example.com'));
  assert.equal(bad.kind === 'tried' && bad.tried[0]?.problem?.type, 'urn:ietf:params:acme:error:dns');
  world.play = () => 'sign';
  const good = await world.keeper.renew(dry('a.example.com'));
  assert.deepEqual(good, { kind: 'tried', tried: [{ names: ['a.example.com'], issuer: 'default', problem: null }] });
  assert.deepEqual(
    world.placed.map((one) => one.staging),
    [false, true, true],
  );
  assert.deepEqual([world.view('a.example.com'), world.held], [before, []]);
});

test('without a staging directory a dry run says which setting is missing', async () => {
  const world = await KeeperWorld.start();
  await world.routes('a.example.com');
  const answer = await world.keeper.renew(dry('a.example.com'));
  assert.match((answer.kind === 'tried' && answer.tried[0]?.problem?.detail) || '', /FAIRLEAD_ACME_STAGING/);
});

test('dry runs wait for each other, and more than a few are sent away', async () => {
  const world = await KeeperWorld.start(staging);
  const hosts = Array.from({ length: 25 }, (_, i) => `a${i}.example.com`);
  await world.routes(...hosts);
  world.play = () => 'hang';
  const before = world.placed.length;
  const answers = hosts.map((host) => world.keeper.renew(dry(host)));
  await world.quiet();
  assert.equal(world.placed.length - before, 2);
  world.play = () => 'sign';
  await world.release();
  const tried = (await Promise.all(answers)).flatMap((answer) => (answer.kind === 'tried' ? answer.tried : []));
  assert.equal(tried.filter(({ problem }) => problem === null).length, 18);
  assert.equal(tried.filter(({ problem }) => problem?.cause.includes('other dry runs')).length, 7);
});

test('a dry run where the ledger cannot be written answers with that', async () => {
  const world = await KeeperWorld.start(staging);
  await world.routes('a.example.com');
  world.diskIsFull = true;
  const answer = await world.keeper.renew(dry('a.example.com'));
  assert.match((answer.kind === 'tried' && answer.tried[0]?.problem?.cause) || '', /no space left/);
});
