import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { answer, FakeEngine, idOf } from './fake-engine.ts';
import { type Watching, watching } from './watching.ts';

const status = (watch: Watching, at = 0) => watch.watch.snapshot().engines[at];

test('an engine that is missing at the start is found when it comes', async (t) => {
  const engine = await FakeEngine.start(t, { listening: false });
  engine.add('app');
  const watch = watching(t, [engine.endpoint]);
  await watch.until('the failure is told', () => watch.told.length > 0);
  assert.equal(status(watch)?.connected, false);
  assert.match(status(watch)?.error ?? '', /there is no socket at .*docker\.sock\. .*mount it/);
  assert.equal(watch.watch.snapshot().complete, false);
  await engine.listen();
  await watch.until('app is shown', () => watch.container('app') !== undefined);
  assert.equal(status(watch)?.connected, true);
});

test('while an engine is away the last picture stays, and what changed meanwhile is found after', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  engine.add('gone');
  const watch = watching(t, [engine.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  await engine.stop();
  await watch.until('the loss is told', () => status(watch)?.connected === false);
  assert.equal(watch.watch.snapshot().containers.length, 2);
  engine.remove('gone');
  engine.add('new');
  engine.run('app', '172.17.0.50');
  await engine.listen();
  await watch.until('the new one is shown', () => watch.container('new') !== undefined);
  await watch.until('the address is new', () => watch.container('app')?.attachments[0]?.ipv4 === '172.17.0.50');
  assert.equal(watch.container('gone'), undefined);
  const last = engine.requests.slice(engine.requests.lastIndexOf('/_ping'));
  assert.deepEqual(last.slice(0, 3), ['/_ping', '/events', '/containers/json']);
});

test('a stream of events that ends is opened again', async (t) => {
  const engine = await FakeEngine.start(t);
  const watch = watching(t, [engine.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  engine.endStreams();
  await watch.until('subscribed again', () => engine.asked('/events') === 2 && engine.asked('/containers/json') === 2);
  engine.add('app');
  engine.emit('start', 'app');
  await watch.until('app is shown', () => watch.container('app') !== undefined);
});

test('an engine that no longer answers is noticed by the next list', async (t) => {
  const engine = await FakeEngine.start(t);
  const watch = watching(t, [engine.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  engine.intercept = () => true;
  watch.clock.advance(30_000);
  await watch.until('the list is asked for', () => engine.asked('/containers/json') === 2);
  watch.clock.advance(10_000);
  await watch.until('it is told', () => status(watch)?.connected === false);
  assert.match(status(watch)?.error ?? '', /no answer to GET .*\/containers\/json within 10 s/);
});

test('attempts come after 100 ms, then twice that, up to 5 s', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.intercept = (_path, _request, response) => {
    answer(response, 500, { message: `attempt ${engine.requests.length}.` });
    return true;
  };
  const watch = watching(t, [engine.endpoint]);
  for (const [index, pauseMs] of [100, 200, 400, 800, 1600, 3200, 5000, 5000].entries()) {
    const failed = `attempt ${index + 1}.`;
    await watch.quiet(() => watch.lines.at(-1)?.fields.error?.toString().includes(failed) === true, failed);
    await watch.quiet(() => watch.clock.pending > 0, 'the pause has begun');
    watch.clock.advance(pauseMs - 1);
    assert.equal(watch.clock.pending, 1, `not before ${pauseMs} ms`);
    watch.clock.advance(1);
  }
});

test('the same failure is logged once', async (t) => {
  const engine = await FakeEngine.start(t, { listening: false });
  const watch = watching(t, [engine.endpoint]);
  await watch.until('the failure is told', () => watch.told.length > 0);
  for (let n = 0; n < 20; n++) {
    watch.clock.advance(5_000);
    await watch.until('the next pause has begun', () => watch.clock.pending > 0);
  }
  assert.equal(watch.lines.filter(({ level }) => level === 'warn').length, 1);
});

for (const [code, message, advice] of [
  [400, 'client version 1.47 is too old', /refuses this API version/],
  [403, 'Forbidden', /CONTAINERS=1/],
  [500, 'something broke', /answered 500: something broke/],
] as const) {
  test(`an answer of ${code} is explained`, async (t) => {
    const engine = await FakeEngine.start(t);
    engine.intercept = (path, _request, response) => {
      if (path !== '/containers/json') return false;
      answer(response, code, { message });
      return true;
    };
    const watch = watching(t, [engine.endpoint]);
    await watch.until('it is told', () => /answered/.test(status(watch)?.error ?? ''));
    assert.match(status(watch)?.error ?? '', advice);
  });
}

test('a file in the place of the socket, and a missing certificate, are explained', async (t) => {
  const engine = await FakeEngine.start(t, { listening: false });
  writeFileSync(engine.socket, '');
  const watch = watching(t, [engine.endpoint, 'tcp://127.0.0.1:1', 'nonsense'], {
    env: { DOCKER_CERT_PATH: '/certs' },
  });
  await watch.until('all have failed', () =>
    watch.watch.snapshot().engines.every(({ error }) => !/not reached/.test(error)),
  );
  const errors = watch.watch.snapshot().engines.map(({ error }) => error);
  assert.match(errors[0] ?? '', /nothing listens behind .*mount its directory|is no socket/);
  assert.match(errors[1] ?? '', /cannot read ca\.pem, cert\.pem, key\.pem in \/certs/);
  assert.match(errors[2] ?? '', /nonsense: expected unix:/);
});

test('an engine that is silent keeps no other one waiting', async (t) => {
  const [silent, other] = [await FakeEngine.start(t), await FakeEngine.start(t)];
  silent.intercept = () => true;
  other.add('app');
  const watch = watching(t, [silent.endpoint, other.endpoint]);
  await watch.quiet(() => watch.container('app') !== undefined, 'app is shown');
  assert.equal(watch.watch.snapshot().complete, false);
  watch.clock.advance(10_000);
  await watch.until('the silent one has failed', () => /within 10 s/.test(status(watch)?.error ?? ''));
  // The dead engine alone would never be complete; beside one that was listed it is not waited for.
  assert.equal(watch.watch.snapshot().complete, true);
  assert.equal(status(watch, 1)?.connected, true);
});

test('a container that two endpoints show is shown once', async (t) => {
  const [one, two] = [await FakeEngine.start(t), await FakeEngine.start(t)];
  one.add('app');
  two.add('app');
  two.add('more');
  const watch = watching(t, [one.endpoint, two.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  assert.deepEqual(
    watch.watch
      .snapshot()
      .containers.map(({ name }) => name)
      .sort(),
    ['app', 'more'],
  );
});

test('a survivor of its stop signal is taken back even when its engine was away at the time', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  const watch = watching(t, [engine.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  engine.emit('kill', 'app', { signal: '15' });
  await watch.until('stopping', () => watch.container('app')?.stopping === true);
  await engine.stop();
  await watch.until('the loss is told', () => status(watch)?.connected === false);
  watch.clock.advance(60_000);
  assert.equal(watch.container('app')?.stopping, true);
  await engine.listen();
  await watch.until('taken back', () => watch.container('app')?.stopping === false);
});

test('an engine that keeps back the head of its stream of events is listed all the same', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  engine.intercept = (path) => path === '/events';
  const watch = watching(t, [engine.endpoint]);
  await watch.until('app is shown', () => watch.container('app') !== undefined);
  assert.equal(engine.inspections('app'), 1);
  assert.equal(watch.container('app')?.id, idOf('app'));
});
