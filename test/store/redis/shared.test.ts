import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import { isAdmitted } from '../../../src/limit/gcra.ts';
import { PurgeMemory } from '../../../src/store/redis/purge-memory.ts';
import { everything, type SharedRule } from '../../../src/store/redis/purge-script.ts';
import type { RedisLink } from '../../../src/store/redis/redis-link.ts';
import { SharedCertificates } from '../../../src/store/redis/shared-certificates.ts';
import { SharedChallenges } from '../../../src/store/redis/shared-challenges.ts';
import { SharedLimits } from '../../../src/store/redis/shared-limits.ts';
import { SharedPurges } from '../../../src/store/redis/shared-purges.ts';
import { SharedTurns } from '../../../src/store/redis/shared-turns.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { linesLog } from '../../support/lines-log.ts';
import { fc } from '../../support/properties.ts';
import { TestRedis } from '../../support/redis.ts';
import { linkTo } from './link-to.ts';

const log = createLog({ level: 'silent', format: 'json' });

const bucket = (letter: string) => letter.repeat(22);

test('limits are counted in Redis as here: the burst at once, then no more', async (t) => {
  const redis = await TestRedis.start(t);
  const limits = new SharedLimits({ link: await linkTo(t, redis), clock: systemClock, log });
  const hour = { intervalMs: 3_600_000, burst: 4 };
  const takes = Array.from({ length: 8 }, () => ({ ...hour, bucket: bucket('a') }));
  const found = (await limits.take(takes)) ?? [];
  assert.deepEqual(
    found.map((backlogMs) => isAdmitted(backlogMs, hour)),
    [true, true, true, true, true, false, false, false],
  );
  // It goes by itself once it is empty again.
  const lifeMs = Number(await redis.ask('PTTL', `fairlead:limit:${bucket('a')}`));
  assert.ok(lifeMs > 4.9 * hour.intervalMs && lifeMs <= 5 * hour.intervalMs + 1, String(lifeMs));
  const quick = { intervalMs: 0.02, burst: 0, bucket: bucket('b') };
  assert.deepEqual(await limits.take([quick]), [0]);
});

test('how full a bucket of all proxies is can be read without taking from it', async (t) => {
  const redis = await TestRedis.start(t);
  const limits = new SharedLimits({ link: await linkTo(t, redis), clock: systemClock, log });
  const take = { intervalMs: 3_600_000, burst: 4, bucket: bucket('a') };
  assert.equal(await limits.peek(take), 0);
  await limits.take([take, take]);
  for (let asked = 0; asked < 10; asked++) {
    const backlogMs = (await limits.peek(take)) ?? -1;
    assert.ok(backlogMs > 1.9 * take.intervalMs && backlogMs <= 2 * take.intervalMs, String(backlogMs));
  }
  assert.equal(await limits.peek({ ...take, bucket: 'no name of a bucket' }), null);
  const away = { standing: { connected: false, sinceMs: 0, why: '' }, send: () => Promise.reject(new Error('away')) };
  assert.equal(await new SharedLimits({ link: away, clock: systemClock, log }).peek(take), null);
});

test('a bucket that a clock was set back under is full at most, and words that are none do no harm', async (t) => {
  const redis = await TestRedis.start(t);
  const limits = new SharedLimits({ link: await linkTo(t, redis), clock: systemClock, log });
  const terms = { intervalMs: 1_000, burst: 4 };
  for (const text of [String(Date.now() + 1e9), '1e400', 'nonsense', 'nan', '-inf']) {
    await redis.ask('SET', `fairlead:limit:${bucket('a')}`, text);
    const [backlogMs] = (await limits.take([{ ...terms, bucket: bucket('a') }])) ?? [-1];
    assert.ok(backlogMs === 5_000 || backlogMs === 0, `${text}: ${backlogMs}`);
  }
  for (const wrong of [
    { bucket: 'x' },
    { intervalMs: Number.NaN },
    { intervalMs: -1 },
    { burst: Number.POSITIVE_INFINITY },
  ])
    assert.equal(await limits.take([{ ...terms, bucket: bucket('a'), ...wrong }]), null);
  assert.deepEqual(limits.standing, { shared: true, why: '' });
});

test('where answers come too late it is told once, until they have come in time for a while', async () => {
  const clock = new FakeClock();
  const { log: told, lines } = linesLog();
  const standing = { connected: true, sinceMs: 0, why: '' };
  const limits = new SharedLimits({ link: { standing, send: async () => '0' }, clock, log: told });
  limits.missed(0);
  assert.equal(limits.standing.shared, true);
  for (let second = 0; second < 20; second++) {
    limits.missed(3);
    clock.advance(1_000);
  }
  assert.deepEqual(limits.standing, { shared: false, why: 'it answers too slowly' });
  assert.equal(lines.length, 1);
  clock.advance(9_000);
  assert.deepEqual(limits.standing, { shared: true, why: '' });
});

test('a user who may not count is told of, and limits are then not shared', async (t) => {
  const redis = await TestRedis.start(t);
  await redis.ask('ACL', 'SETUSER', 'default', 'on', 'resetkeys', '~other:*');
  const limits = new SharedLimits({ link: await linkTo(t, redis), clock: systemClock, log });
  assert.equal(await limits.take([{ bucket: bucket('a'), intervalMs: 1, burst: 1 }]), null);
  assert.equal(limits.standing.shared, false);
  assert.match(limits.standing.why, /may not do/);
});

test('the user that docs/store.md makes may do all that is needed, and nothing else', async (t) => {
  const redis = await TestRedis.start(t);
  const page = readFileSync(join(import.meta.dirname, '../../../docs/store.md'), 'utf8');
  await redis.ask(...(/^ACL SETUSER fairlead .*$/m.exec(page)?.[0].split(' ') ?? []));
  const link = await linkTo(t, redis, { ...redis.address, username: 'fairlead', password: 'password', database: 1 });
  const limits = new SharedLimits({ link, clock: systemClock, log });
  assert.deepEqual(await limits.take([{ bucket: bucket('a'), intervalMs: 1_000, burst: 1 }]), [0]);
  const { purges, purged } = aProxy(t, link);
  await purges.look();
  assert.equal(await purges.announce(path('/a')), true);
  assert.deepEqual(purged, [everything]);
  const certificates = new SharedCertificates({ link, clock: systemClock, log });
  certificates.serve({ wanted: () => ['acme:a.test'], offer: () => {} });
  await certificates.look();
  const about = { link, proxy: 'one', clock: systemClock, log };
  const turns = new SharedTurns({ ...about, tried: Promise.resolve(), certificates });
  const source = { kind: 'acme', issuer: null, challenges: [] } as const;
  const turn = await turns.take(
    { id: 'acme:a.test', names: ['a.test'], routes: [], source },
    { held: null, insisted: false },
  );
  assert.ok(turn.kind === 'ours');
  assert.equal(await link.send(['GET', 'fairlead:turn:acme:a.test']), 'one');
  await turn.end({ kind: 'given-up' });
  assert.equal(await link.send(['GET', 'fairlead:turn:acme:a.test']), null);
  const board = { show: async () => ({ remove() {} }), showOthers: async () => {} };
  const challenges = new SharedChallenges({ ...about, board });
  await challenges.look();
  await challenges.show({ kind: 'http', name: 'a.test', token: 't', keyAuthorization: 'k' });
  assert.match(JSON.stringify(await link.send(['HGETALL', 'fairlead:challenges'])), /keyAuthorization/);
  for (const words of [['FLUSHALL'], ['GET', 'other'], ['KEYS', '*'], ['CONFIG', 'GET', '*']])
    await assert.rejects(link.send(words), /NOPERM/);
});

/** A proxy that keeps what it was told to purge. */
function aProxy(t: TestContext, link: Pick<RedisLink, 'send'>, dataDir = directory(t)) {
  const purged: SharedRule[] = [];
  const state = { does: true };
  const begin = (name: string) =>
    new SharedPurges({
      ...{ link, log, proxy: name },
      memory: new PurgeMemory(dataDir, (error) => assert.fail(String(error))),
      purge: async (rule) => {
        if (state.does) purged.push(rule);
        return state.does;
      },
    });
  return { purges: begin(dataDir), purged, state, again: () => begin(`${dataDir} again`) };
}

function directory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fl-purges-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const path = (text: string): SharedRule => ({ ...everything, host: 'app.test', path: text });

test('a purge is carried out by all others, once, in its turn', async (t) => {
  const link = await linkTo(t, await TestRedis.start(t));
  const [one, other] = [aProxy(t, link), aProxy(t, link)];
  await one.purges.look();
  await other.purges.look();
  // Nobody knows what a cache holds that was never told of a purge.
  assert.deepEqual(other.purged.splice(0), [everything]);
  one.purged.length = 0;
  const rules = Array.from({ length: 250 }, (_, i) => path(`/${i}`));
  for (const rule of rules) assert.equal(await one.purges.announce(rule), true);
  await other.purges.look();
  await other.purges.look();
  await one.purges.look();
  assert.deepEqual(other.purged, rules);
  assert.deepEqual(one.purged, []);
});

test('who was away goes on where it stopped, and what could not be done is done later', async (t) => {
  const link = await linkTo(t, await TestRedis.start(t));
  const [one, other] = [aProxy(t, link), aProxy(t, link)];
  for (const { purges } of [one, other]) await purges.look();
  other.purged.length = 0;
  other.state.does = false;
  await one.purges.announce(path('/a'));
  await other.purges.look();
  other.state.does = true;
  await one.purges.announce(path('/b'));
  await other.again().look();
  assert.deepEqual(other.purged, [path('/a'), path('/b')]);
});

test('whoever finds a gap, or another chain, drops everything', async (t) => {
  const redis = await TestRedis.start(t);
  const link = await linkTo(t, redis);
  const [one, other] = [aProxy(t, link), aProxy(t, link)];
  const changes: (() => Promise<unknown>)[] = [
    () => redis.ask('XTRIM', 'fairlead:purges', 'MAXLEN', '1'),
    () => redis.ask('FLUSHALL'),
    () => redis.ask('FLUSHALL').then(() => one.purges.announce(path('/z'))),
  ];
  for (const change of changes) {
    for (const { purges } of [one, other]) await purges.look();
    other.purged.length = 0;
    for (const text of ['/a', '/b', '/c']) await one.purges.announce(path(text));
    await change();
    await other.purges.look();
    assert.deepEqual(other.purged, [everything]);
    await other.purges.look();
    assert.deepEqual(other.purged, [everything]);
  }
});

test('what was purged while the store was away is told once it is back, over a restart too', async (t) => {
  const redis = await TestRedis.start(t);
  const link = await linkTo(t, redis);
  let there = true;
  const [one, other] = [
    aProxy(t, { send: (words) => (there ? link.send(words) : Promise.reject(new Error('away'))) }),
    aProxy(t, link),
  ];
  for (const { purges } of [one, other]) await purges.look();
  other.purged.length = 0;
  there = false;
  for (const text of ['/a', '/b']) assert.equal(await one.purges.announce(path(text)), false);
  assert.equal(one.purges.untold, 2);
  there = true;
  const again = one.again();
  await again.look();
  await other.purges.look();
  assert.equal(again.untold, 0);
  assert.deepEqual(other.purged, [path('/a'), path('/b')]);
});

test('whatever stands in the file, a memory begins', (t) => {
  const dir = directory(t);
  fc.assert(
    fc.property(fc.json(), fc.string(), (json, text) => {
      for (const content of [json, text, `{"seen":${JSON.stringify(text)},"untold":${json}}`]) {
        writeFileSync(join(dir, 'purges.json'), content);
        const { seen, untold } = new PurgeMemory(dir, () => {}).state;
        assert.match(seen, /^(\d+-\d+)?$/);
        assert.ok(Array.isArray(untold));
      }
    }),
    { numRuns: 50 },
  );
});
