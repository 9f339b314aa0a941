import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type Docker from 'dockerode';
import { systemClock } from '../../src/base/clock.ts';
import type { Container } from '../../src/docker/container.ts';
import { watchEngines } from '../../src/docker/watch-engines.ts';
import { type ContainerWish, eventually, type TestEngine, testEngine, testEngine26 } from '../support/engine.ts';
import { throwawayEngine } from '../support/engine-daemon.ts';
import { logInto } from './watching.ts';

/** Everything that was told about one container, in order, without repetitions. */
interface Followed {
  readonly made: Docker.Container;
  readonly story: string[];
  now(): Container | undefined;
  /** Waits until what was told last reads so. */
  until(words: string): Promise<void>;
}

interface Watched {
  readonly engine: TestEngine;
  follow(wish?: ContainerWish): Promise<Followed>;
}

/** Ignores SIGTERM, as process 1 without a handler does. */
const deaf: ContainerWish = { command: ['sleep', '1000'], host: { Init: false } };

for (const [name, engineFor] of [
  ['Docker', testEngine],
  ['Docker 26', testEngine26],
] as const) {
  test(`${name}: a stop is seen at its signal, and the end after it`, async (t) => {
    const { follow } = watched(t, engineFor(t));
    const { made, story, until } = await follow();
    await until('running');
    await made.stop();
    await until('exited');
    assert.deepEqual(story.slice(story.indexOf('running')), ['running', 'running stopping', 'exited']);
  });

  test(`${name}: a restarted container runs again and takes requests`, async (t) => {
    const { follow } = watched(t, engineFor(t));
    const { made, story, until } = await follow();
    await until('running');
    await made.restart();
    await until('running');
    const run = story.slice(story.indexOf('running'));
    assert.deepEqual([run[1], run.at(-1)], ['running stopping', 'running'], run.join(', '));
  });

  test(`${name}: pause, rename and networks are followed`, async (t) => {
    const { engine, follow } = watched(t, engineFor(t));
    const { made, now, until } = await follow();
    await until('running');
    await made.pause();
    await until('paused');
    await made.unpause();
    await until('running');
    await made.rename({ name: `${engine.mark}-renamed` });
    await eventually('the new name', async () => now()?.name === `${engine.mark}-renamed`);
    const network = await engine.network();
    await network.connect({ Container: made.id });
    await eventually('two networks', async () => now()?.attachments.length === 2);
    assert.ok(now()?.attachments.every(({ ipv4, networkId }) => ipv4 !== '' && networkId !== ''));
    await network.disconnect({ Container: made.id });
    await eventually('one network', async () => now()?.attachments.length === 1);
  });

  test(`${name}: health is followed`, async (t) => {
    const { follow } = watched(t, engineFor(t));
    // Unhealthy at the first probe, healthy from the second one on.
    const probe = 'test -e /probed || { touch /probed; exit 1; }';
    const { now, until } = await follow({
      healthcheck: { Test: ['CMD-SHELL', probe], Interval: 1_000_000_000, Retries: 1 },
    });
    await until('running');
    await eventually('unhealthy', async () => now()?.health === 'unhealthy');
    await eventually('healthy', async () => now()?.health === 'healthy');
  });

  test(`${name}: a container that is removed by force is gone`, async (t) => {
    const { follow } = watched(t, engineFor(t));
    const { made, now, until } = await follow(deaf);
    await until('running');
    await made.remove({ force: true });
    await eventually('gone', async () => now() === undefined);
  });

  test(`${name}: a signal that is not the stop signal changes nothing`, async (t) => {
    const { follow } = watched(t, engineFor(t));
    const { made, story, now, until } = await follow(deaf);
    await until('running');
    await made.kill({ signal: 'HUP' });
    // Events come in their order: when the name has changed, the signal was seen.
    await made.rename({ name: `renamed-${made.id.slice(0, 12)}` });
    await eventually('the new name', async () => now()?.name.startsWith('renamed-'));
    assert.equal(story.includes('running stopping'), false);
  });

  test(`${name}: a container that does not obey its stop signal is taken back`, async (t) => {
    const { follow } = watched(t, engineFor(t), { graceMs: 300 });
    const { made, story, until } = await follow({ ...deaf, stopTimeout: 0 });
    await until('running');
    await made.kill({ signal: 'TERM' });
    await eventually('it was taken out', async () => story.includes('running stopping'));
    await until('running');
  });

  test(`${name}: a container that a label hides the signals of is taken out all the same`, async (t) => {
    const { follow } = watched(t, engineFor(t));
    const { made, story, until } = await follow({ labels: { signal: 'evil' } });
    await until('running');
    await made.stop();
    await until('exited');
    assert.ok(story.includes('running stopping'));
  });
}

test('an engine that restarts is found again, with the addresses of now', async (t) => {
  const engine = await throwawayEngine(t);
  const { follow, connected } = watched(t, engine);
  const { made, now, until } = await follow({ host: { RestartPolicy: { Name: 'always' } } });
  await until('running');
  await engine.stop();
  await eventually('the loss is noticed', async () => !connected());
  assert.equal(now()?.id, made.id);
  await engine.start();
  await eventually('it is back', async () => connected() && now()?.state === 'running');
  const inspected = await engine.docker.getContainer(made.id).inspect();
  await eventually(
    'the address of now',
    async () => now()?.attachments[0]?.ipv4 === inspected.NetworkSettings.Networks.bridge?.IPAddress,
  );
});

function watched(t: TestContext, engine: TestEngine, { graceMs = 30_000 } = {}): Watched & { connected(): boolean } {
  const stories = new Map<string, string[]>();
  const watch = watchEngines([engine.endpoint], {
    clock: systemClock,
    log: logInto([]),
    graceMs: () => graceMs,
    env: {},
    onChange({ containers }) {
      for (const container of containers) {
        const story = stories.get(container.id) ?? [];
        stories.set(container.id, story);
        if (story.at(-1) !== wordsFor(container)) story.push(wordsFor(container));
      }
    },
  });
  t.after(() => watch.close());
  return {
    engine,
    connected: () => watch.snapshot().engines.every(({ connected }) => connected),
    async follow(wish = {}) {
      const made = await engine.container({ ...wish, labels: { 'proxy.host': `${engine.mark}.test`, ...wish.labels } });
      const story = stories.get(made.id) ?? [];
      stories.set(made.id, story);
      const now = () => watch.snapshot().containers.find(({ id }) => id === made.id);
      const words = () => {
        const container = now();
        return container && wordsFor(container);
      };
      return { made, story, now, until: (wanted) => eventually(wanted, async () => words() === wanted).then(() => {}) };
    },
  };
}

function wordsFor({ state, stopping }: Container): string {
  return stopping ? `${state} stopping` : state;
}
