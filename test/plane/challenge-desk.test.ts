import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ChallengeDesk } from '../../src/plane/challenge-desk.ts';
import type { ChallengeAnswer } from '../../src/tls/acme/challenge.ts';

const answer = (token: string): ChallengeAnswer => ({ kind: 'http', name: 'a.test', token, keyAuthorization: token });

function desk() {
  const published: { version: number; answers: readonly ChallengeAnswer[] }[] = [];
  return { published, desk: new ChallengeDesk((version, answers) => published.push({ version, answers })) };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await setImmediate();
  return done;
}

test('a challenge counts as shown only when every worker answers it', async () => {
  const { desk: board, published } = desk();
  const [first, second] = [board.show(answer('1')), board.show(answer('2'))];
  assert.deepEqual(published.at(-1), { version: 2, answers: [answer('1'), answer('2')] });
  assert.equal(await settled(first), false);
  board.shown(1);
  assert.equal(await settled(first), true);
  assert.equal(await settled(second), false);
  board.shown(2);
  assert.equal(await settled(second), true);
});

test('a challenge that is taken back is told once', async () => {
  const { desk: board, published } = desk();
  const showing = board.show(answer('1'));
  board.shown(1);
  const { remove } = await showing;
  remove();
  remove();
  assert.deepEqual(published.slice(1), [{ version: 2, answers: [] }]);
});
