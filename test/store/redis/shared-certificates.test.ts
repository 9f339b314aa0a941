import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../../src/base/clock.ts';
import type { RedisLink } from '../../../src/store/redis/redis-link.ts';
import { SharedCertificates } from '../../../src/store/redis/shared-certificates.ts';
import { type OthersBoard, SharedChallenges } from '../../../src/store/redis/shared-challenges.ts';
import { SharedTurns } from '../../../src/store/redis/shared-turns.ts';
import type { ChallengeAnswer } from '../../../src/tls/acme/challenge.ts';
import { readCertificate } from '../../../src/tls/certificate.ts';
import type { Outcome } from '../../../src/tls/keeper/attempt.ts';
import type { AcmeWanted, HeldCertificate } from '../../../src/tls/keeper/keeper-tools.ts';
import type { OrderTurn } from '../../../src/tls/keeper/order-turns.ts';
import { eventually } from '../../support/engine.ts';
import { linesLog } from '../../support/lines-log.ts';
import { TestRedis } from '../../support/redis.ts';
import { failure } from '../../tls/acme/failures.ts';
import { testRoot } from '../../tls/test-authority.ts';
import { linkTo } from './link-to.ts';

const root = await testRoot();
const hour = 3_600_000;

async function aCertificate(name: string, lifeMs = 100 * hour): Promise<HeldCertificate> {
  const nowMs = Date.now();
  const leaf = await root.sign({ names: [name], fromMs: nowMs - hour, toMs: nowMs + lifeMs });
  const reading = readCertificate({ chainPem: leaf.pem + root.pem, keyPem: leaf.keyPem, nowMs });
  assert.ok(reading.ok);
  return {
    certificate: reading.certificate,
    issuer: 'default',
    directoryUrl: 'https://ca.test',
    wantedId: `acme:${name}`,
  };
}

const wanted = (name: string): AcmeWanted => ({
  ...{ id: `acme:${name}`, names: [name], routes: [] },
  source: { kind: 'acme', issuer: null, challenges: [] },
});

/** A proxy of the store; its own link is the test's to break. */
function aProxy(link: Pick<RedisLink, 'send'>, proxy: string) {
  const { log, lines } = linesLog();
  const certificates = new SharedCertificates({ link, clock: systemClock, log });
  const about = { link, tried: Promise.resolve(), certificates, proxy, clock: systemClock, log };
  const turns = new SharedTurns(about);
  const take = (name: string, held: HeldCertificate | null = null, insisted = false) =>
    turns.take(wanted(name), { held, insisted });
  return { certificates, take, lines };
}

async function twoProxies(t: TestContext) {
  const redis = await TestRedis.start(t);
  const link = await linkTo(t, redis);
  return { redis, link, one: aProxy(link, 'one'), other: aProxy(link, 'other') };
}

function ours(turn: OrderTurn): { end(outcome: Outcome): Promise<void> } {
  assert.equal(turn.kind, 'ours');
  return turn as Extract<OrderTurn, { kind: 'ours' }>;
}

test('one orders, the others wait, and find what it got', async (t) => {
  const { one, other } = await twoProxies(t);
  const turn = ours(await one.take('a.test'));
  const theirs = await other.take('a.test');
  assert.equal(theirs.kind, 'theirs');
  ours(await other.take('b.test'));
  const held = await aCertificate('a.test');
  await turn.end({ kind: 'issued', held, settle: async () => {} });
  assert.deepEqual(await other.take('a.test'), { kind: 'found', held });
  // Nobody has the turn now; who has that certificate, or is told to, orders another one.
  await ours(await other.take('a.test', held)).end({ kind: 'given-up' });
  ours(await one.take('a.test', null, true));
});

test('who has failed has the first chance to try again', async (t) => {
  const { one, other, redis } = await twoProxies(t);
  const nextAttemptMs = Date.now() + hour;
  const failed: Outcome = {
    kind: 'failed',
    issuer: 'default',
    failure: failure('challenge'),
    findings: [],
    nextAttemptMs,
  };
  await ours(await one.take('a.test')).end(failed);
  assert.equal((await other.take('a.test')).kind, 'theirs');
  assert.ok(Number(await redis.ask('PTTL', 'fairlead:turn:acme:a.test')) > hour);
  await ours(await one.take('a.test')).end({ kind: 'given-up' });
  ours(await other.take('a.test'));
});

test('the turn of one that has died is over by itself', async (t) => {
  const { one, other, redis } = await twoProxies(t);
  ours(await one.take('a.test'));
  const leftMs = Number(await redis.ask('PTTL', 'fairlead:turn:acme:a.test'));
  assert.ok(leftMs > 50_000 && leftMs <= 60_000);
  await redis.ask('PEXPIRE', 'fairlead:turn:acme:a.test', '1');
  await eventually('it is over', async () => (await other.take('a.test')).kind === 'ours');
});

test('while the store is away who needs a certificate orders it, and what lasts can wait', async () => {
  const away = aProxy({ send: () => Promise.reject(new Error('away')) }, 'one');
  await ours(await away.take('a.test')).end({ kind: 'given-up' });
  assert.equal((await away.take('a.test', await aCertificate('a.test'))).kind, 'theirs');
  ours(await away.take('a.test', await aCertificate('a.test', 0.05 * hour)));
  ours(await away.take('a.test', await aCertificate('a.test'), true));
  assert.doesNotMatch(JSON.stringify(away.lines), /PRIVATE KEY/);
});

test('a certificate is offered to those that want it, once it is there or wanted, and again after the store was away', async (t) => {
  const { one, other } = await twoProxies(t);
  const offered: string[] = [];
  let names = ['a.test'];
  const serve = (proxy: ReturnType<typeof aProxy>) =>
    proxy.certificates.serve({
      wanted: () => names.map((name) => `acme:${name}`),
      offer: ({ wantedId }) => offered.push(wantedId),
    });
  await one.certificates.put(await aCertificate('a.test'));
  serve(other);
  await other.certificates.look();
  await other.certificates.look();
  assert.deepEqual(offered.splice(0), ['acme:a.test']);
  for (const name of ['a.test', 'b.test']) await one.certificates.put(await aCertificate(name));
  await other.certificates.look();
  assert.deepEqual(offered.splice(0), ['acme:a.test']);
  names = ['b.test'];
  await other.certificates.look();
  assert.deepEqual(offered.splice(0), ['acme:b.test']);
  other.certificates.restart();
  await other.certificates.look();
  assert.deepEqual(offered, ['acme:b.test']);
});

test('what is no certificate, or has another key, is not taken, and its text not told', async (t) => {
  const { other, redis } = await twoProxies(t);
  const [one, two] = [await aCertificate('a.test'), await aCertificate('a.test')];
  const parts = { issuer: 'default', directoryUrl: '', chainPem: one.certificate.chainPem };
  for (const text of ['nonsense', '{}', JSON.stringify({ ...parts, keyPem: two.certificate.keyPem })]) {
    await redis.ask('SET', 'fairlead:certificate:acme:a.test', text);
    assert.equal(await other.certificates.get('acme:a.test'), null);
  }
  assert.equal(other.lines.length, 3);
  assert.doesNotMatch(JSON.stringify(other.lines), /PRIVATE KEY|nonsense/);
});

/** The workers of a proxy, which show at once what they are told, unless they are held up. */
function aBoard() {
  const state = { others: [] as readonly ChallengeAnswer[], isHeldUp: false };
  const board: OthersBoard = {
    show: async () => ({ remove() {} }),
    showOthers(answers) {
      if (state.isHeldUp) return new Promise(() => {});
      state.others = answers;
      return Promise.resolve();
    },
  };
  return { state, board };
}

const answer: ChallengeAnswer = { kind: 'http', name: 'a.test', token: 't', keyAuthorization: 't.k' };

test('a challenge counts as shown once the other proxies show it, and is taken down there too', async (t) => {
  const link = await linkTo(t, await TestRedis.start(t));
  const { log } = linesLog();
  const { state, board } = aBoard();
  const about = { link, clock: systemClock, log };
  const one = new SharedChallenges({ ...about, board: aBoard().board, proxy: 'one' });
  const other = new SharedChallenges({ ...about, board, proxy: 'other' });
  for (const each of [one, other]) await each.look();
  let shown = false;
  const showing = one.show(answer).then((taken) => {
    shown = true;
    return taken;
  });
  await eventually('it is in the store', async () => {
    assert.equal(shown, false);
    await other.look();
    return state.others.length > 0;
  });
  const { remove } = await showing;
  assert.deepEqual(state.others, [answer]);
  remove();
  await eventually('it is taken down', async () => {
    await other.look();
    return state.others.length === 0;
  });
});

test('nobody waits for long for a proxy that does not show it, nor at all for one that has left', async (t) => {
  const redis = await TestRedis.start(t);
  const link = await linkTo(t, redis);
  const { log, lines } = linesLog();
  const { state, board } = aBoard();
  const about = { link, clock: systemClock, log };
  const one = new SharedChallenges({ ...about, board: aBoard().board, proxy: 'one' });
  const other = new SharedChallenges({ ...about, board, proxy: 'other' });
  for (const each of [one, other]) await each.look();
  await redis.ask('HSET', 'fairlead:proxies', 'left', `${Date.now() - 10_000} 0`);
  state.isHeldUp = true;
  const heldUp = setInterval(() => void other.look(), 200);
  t.after(() => clearInterval(heldUp));
  await one.show(answer);
  assert.match(JSON.stringify(lines), /the other proxies do not show a challenge/);
});

test('what workers cannot show does not reach them', async (t) => {
  const redis = await TestRedis.start(t);
  const { log } = linesLog();
  const { state, board } = aBoard();
  const link = await linkTo(t, redis);
  const other = new SharedChallenges({ link, clock: systemClock, log, board, proxy: 'other' });
  const untilMs = Date.now() + hour;
  const texts = [JSON.stringify({ kind: 'alpn', name: 'a.test', chainPem: 'x', keyPem: 'y' }), '{', '{"kind":"http"}'];
  for (const [i, text] of [...texts, JSON.stringify(answer)].entries())
    await redis.ask('HSET', 'fairlead:challenges', `someone:${i}`, `${untilMs} ${text}`);
  await redis.ask('HSET', 'fairlead:challenges', 'someone:old', `1 ${JSON.stringify(answer)}`);
  await redis.ask('INCR', 'fairlead:challenges:version');
  await other.look();
  assert.deepEqual(state.others, [answer]);
  assert.equal(await redis.ask('HEXISTS', 'fairlead:challenges', 'someone:old'), 0);
});
