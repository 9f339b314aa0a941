import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Questions } from '../../src/plane/questions.ts';
import { quietPlane } from './quiet-plane.ts';

const hour = 3_600_000;

test('an answer finds its question, and one that nobody waits for is dropped', async () => {
  const questions = new Questions<string>();
  const asked: number[] = [];
  const answers = ['a', 'b'].map(() => questions.ask(hour, (number) => asked.push(number)));
  questions.answer(asked[1] ?? 0, 'second');
  questions.answer(asked[0] ?? 0, 'first');
  questions.answer(asked[0] ?? 0, 'again');
  assert.deepEqual(await Promise.all(answers), ['first', 'second']);
  assert.equal(await questions.ask(1, () => {}), null);
});

test('who waits for a data plane that has died hears so at once', async (t) => {
  const listening = Promise.withResolvers<void>();
  const { dataPlane } = await quietPlane(t, { workers: 1, events: { onListening: listening.resolve } });
  dataPlane.start();
  await listening.promise;
  const { pid } = dataPlane.status();
  process.kill(pid ?? 0, 'SIGSTOP');
  const answer = dataPlane.cache(null, hour);
  process.kill(pid ?? 0, 'SIGKILL');
  assert.equal(await answer, null);
});
