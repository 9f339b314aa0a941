import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PasswordDesk } from '../../src/auth/password-desk.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A desk at which comparisons end when the test says so. */
function begin() {
  const clock = new FakeClock();
  const pending: { password: string; end(right: boolean): void }[] = [];
  const desk = new PasswordDesk(clock, (password) => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    pending.push({ password, end: resolve });
    return promise;
  });
  return { clock, desk, pending };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a pair is compared once, however often and at how many places at once it comes', async () => {
  const { desk, pending } = begin();
  const asked = [1, 2, 3].map(() => desk.check('alice', 'secret', 'hash'));
  assert.equal(pending.length, 1);
  pending[0]?.end(true);
  assert.deepEqual(await Promise.all(asked), ['right', 'right', 'right']);
  assert.equal(desk.check('alice', 'secret', 'hash'), 'right');
});

test('what is known of one pair, or of an entry that was changed, says nothing of another', async () => {
  const { desk, pending } = begin();
  const first = desk.check('alice', 'secret', 'hash');
  pending[0]?.end(true);
  await first;
  for (const [user, password, hash] of [
    ['alice', 'secret', 'new hash'],
    ['bob', 'secret', 'hash'],
    ['alice', 'Secret', 'hash'],
  ] as const) {
    const asked = desk.check(user, password, hash);
    assert.ok(asked instanceof Promise);
    pending.at(-1)?.end(false);
    assert.equal(await asked, 'wrong');
    assert.equal(desk.check(user, password, hash), 'wrong');
  }
});

test('after a while it is compared again', async () => {
  const { clock, desk, pending } = begin();
  const first = desk.check('alice', 'secret', 'hash');
  pending[0]?.end(true);
  await first;
  clock.advance(5 * 60_000);
  assert.ok(desk.check('alice', 'secret', 'hash') instanceof Promise);
  assert.equal(pending.length, 2);
});

test('few are compared at a time, some wait, and the others are told that it is busy', async () => {
  const { desk, pending } = begin();
  const asked = Array.from({ length: 100 }, (_, i) => desk.check('alice', `guess ${i}`, 'hash'));
  await settled();
  assert.equal(pending.length, 2);
  assert.equal(asked.filter((verdict) => verdict === 'busy').length, 34);
  for (let i = 0; i < 66; i++) {
    pending[i]?.end(false);
    await settled();
  }
  assert.deepEqual(
    pending.map(({ password }) => password),
    Array.from({ length: 66 }, (_, i) => `guess ${i}`),
  );
  assert.equal((await Promise.all(asked)).filter((verdict) => verdict === 'wrong').length, 66);
});

test('who is known gets in while others are guessing, however much they guess', async () => {
  const { desk, pending } = begin();
  const first = desk.check('alice', 'secret', 'hash');
  pending[0]?.end(true);
  await first;
  for (let i = 0; i < 1_500; i++) {
    const guess = desk.check('alice', `guess ${i}`, 'hash');
    pending.at(-1)?.end(false);
    await guess;
  }
  assert.equal(desk.check('alice', 'secret', 'hash'), 'right');
});

test('a comparison that fails lets nobody in, and is not the end of the desk', async () => {
  const clock = new FakeClock();
  let fails = true;
  const desk = new PasswordDesk(clock, async () => {
    if (fails) throw new Error('no module');
    return true;
  });
  for (let i = 0; i < 5; i++) await assert.rejects(async () => desk.check('alice', 'secret', 'hash'));
  fails = false;
  assert.equal(await desk.check('alice', 'secret', 'hash'), 'right');
});
