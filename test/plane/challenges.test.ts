import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ChallengeDesk } from '../../src/plane/challenge-desk.ts';
import { eventually } from '../support/engine.ts';
import { ask } from '../support/proxy-process.ts';
import { rawClient } from '../support/raw-client.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';
import { quietPlane } from './quiet-plane.ts';

/** Labels could not ask for such a route: its answer throws inside the worker, far from anybody who would catch. */
const deadly = aRoute({
  id: 'deadly.test/',
  host: { kind: 'exact', text: 'deadly.test', name: 'deadly.test' },
  serving: { kind: 'pool', backends: [aBackend({ id: 'c', port: 1 })] },
  policy: { ...aRoute().policy, responseHeaders: [{ name: 'x', value: null, how: 'set' } as never] },
});
/** That so many connections all go to one of two workers happens once in four thousand million times. */
const many = 32;

async function plane(t: TestContext) {
  const desk = new ChallengeDesk((version, answers) => dataPlane.showChallenges(version, answers));
  const events = { onChallengesShown: (version: number) => desk.shown(version) };
  const { dataPlane, port } = await quietPlane(t, { workers: 2, events });
  dataPlane.publish({ version: 1, routes: [deadly] });
  const answered = async (token: string): Promise<number> => {
    const path = `/.well-known/acme-challenge/${token}`;
    const headers = { host: 'new.test' };
    const answers = await Promise.all(
      Array.from({ length: many }, () => ask(port, path, { headers }).catch(() => null)),
    );
    return answers.filter((answer) => answer?.status === 200 && answer.body === `${token}.key`).length;
  };
  return { dataPlane, desk, answered, client: () => rawClient(t, port) };
}

const proof = (token: string) => ({ kind: 'http', name: 'new.test', token, keyAuthorization: `${token}.key` }) as const;

test('a challenge that counts as shown is answered by every worker, and by one that takes the place of a dead one', async (t) => {
  const { dataPlane, desk, answered, client } = await plane(t);
  dataPlane.start();
  const { remove } = await desk.show(proof('first'));
  await eventually('both workers listen', async () => dataPlane.status().listening.length > 0);
  assert.equal(await answered('first'), many);
  (await client()).write('GET / HTTP/1.1\r\nHost: deadly.test\r\n\r\n');
  await eventually('a worker has died', async () => dataPlane.status().restarts.workers === 1);
  // While one of them is away, nobody says that all show it.
  await desk.show(proof('second'));
  await eventually('both listen again', async () => (await answered('first')) === many);
  assert.equal(await answered('second'), many);
  remove();
  await eventually('it is taken back', async () => (await answered('first')) === 0);
});

test('a challenge that is to be shown before the data plane is there, or while it is dead, is shown once it is', async (t) => {
  const { dataPlane, desk, answered } = await plane(t);
  const first = desk.show(proof('first'));
  dataPlane.start();
  await first;
  await eventually('it listens', async () => dataPlane.status().listening.length > 0);
  const { pid } = dataPlane.status();
  assert.ok(pid);
  process.kill(pid, 'SIGKILL');
  await desk.show(proof('second'));
  await eventually('another one listens', async () => (await answered('second')) === many);
  assert.equal(await answered('first'), many);
});
