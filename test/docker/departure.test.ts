import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FakeContainer, FakeEngine } from './fake-engine.ts';
import { watching } from './watching.ts';

const graceMs = 30_000;

async function running(t: Parameters<typeof FakeEngine.start>[0], about: Partial<FakeContainer> = {}) {
  const engine = await FakeEngine.start(t);
  engine.add('app', about);
  const watch = watching(t, [engine.endpoint], { graceMs: () => graceMs });
  await watch.until('app is shown', () => watch.watch.snapshot().complete);
  const looks = engine.inspections('app');
  const kill = async (signal: string) => {
    const before = engine.inspections('app');
    engine.emit('kill', 'app', { signal });
    await watch.until('the event has arrived', () => engine.inspections('app') > before);
  };
  const stopping = () => watch.container('app')?.stopping;
  return { engine, watch, looks, kill, stopping };
}

test('the stop signal takes a container out before it is looked at', async (t) => {
  const { engine, watch, stopping } = await running(t);
  // Every look hangs from now on.
  engine.intercept = () => true;
  engine.emit('kill', 'app', { signal: '15' });
  await watch.quiet(() => stopping() === true, 'stopping');
});

for (const [what, about, signal, leaves] of [
  ['SIGTERM', {}, '15', true],
  ['SIGKILL', {}, '9', true],
  ['SIGHUP', {}, '1', false],
  ['a stop signal of its own', { stopSignal: 'SIGQUIT' }, '3', true],
  ['SIGTERM where the stop signal is another one', { stopSignal: 'SIGQUIT' }, '15', false],
  ["podman's way to write a stop signal", { stopSignal: '15' }, '15', true],
  ['a stop signal that is a number', { stopSignal: 10 }, '10', true],
  ['any signal that a label hides', { labels: { 'proxy.host': 'a.test', signal: 'evil' } }, '1', true],
  ['any signal that a label pretends', { labels: { 'proxy.host': 'a.test', signal: '1' } }, '15', true],
] as const) {
  test(`${what}: ${leaves ? 'the container leaves' : 'nothing happens'}`, async (t) => {
    const { kill, stopping } = await running(t, about as Partial<FakeContainer>);
    await kill(signal);
    assert.equal(stopping(), leaves);
  });
}

test('a container that survives its stop signal is taken back after the grace period, not before', async (t) => {
  const { engine, watch, kill, stopping } = await running(t);
  await kill('15');
  const sentMs = watch.clock.now();
  watch.clock.advance(graceMs - 1_000);
  const looks = engine.inspections('app');
  engine.emit('update', 'app');
  await watch.quiet(() => engine.inspections('app') > looks, 'it was looked at');
  assert.equal(stopping(), true);
  watch.clock.advance(sentMs + graceMs - watch.clock.now());
  await watch.until('taken back', () => stopping() === false);
});

test('one that is to be killed after ten seconds, as where nothing is said, is not taken back before', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  const watch = watching(t, [engine.endpoint], { graceMs: () => 500 });
  await watch.until('app is shown', () => watch.watch.snapshot().complete);
  engine.emit('kill', 'app', { signal: '15' });
  await watch.until('it leaves', () => watch.container('app')?.stopping === true);
  const sentMs = watch.clock.now();
  watch.clock.advance(9_500);
  const looks = engine.inspections('app');
  engine.emit('update', 'app');
  await watch.quiet(() => engine.inspections('app') > looks, 'it was looked at');
  assert.equal(watch.container('app')?.stopping, true);
  watch.clock.advance(sentMs + 11_000 - watch.clock.now());
  await watch.until('taken back', () => watch.container('app')?.stopping === false);
});

test('a later signal begins the grace period anew', async (t) => {
  const { engine, watch, kill, stopping } = await running(t);
  await kill('15');
  watch.clock.advance(20_000);
  await kill('15');
  watch.clock.advance(20_000);
  const looks = engine.inspections('app');
  engine.emit('update', 'app');
  await watch.until('it was looked at', () => engine.inspections('app') > looks);
  assert.equal(stopping(), true);
  watch.clock.advance(10_000);
  await watch.until('taken back', () => stopping() === false);
});

test("Docker's own grace period counts where it is longer", async (t) => {
  const { engine, watch, kill, stopping } = await running(t, { stopTimeout: 120 });
  await kill('15');
  watch.clock.advance(100_000);
  const looks = engine.inspections('app');
  engine.emit('update', 'app');
  await watch.until('it was looked at', () => engine.inspections('app') > looks);
  assert.equal(stopping(), true);
  watch.clock.advance(21_000);
  await watch.until('taken back', () => stopping() === false);
});

test('a new run is not leaving, whatever the run before was told', async (t) => {
  const { engine, watch, kill, stopping } = await running(t);
  await kill('15');
  engine.run('app');
  engine.emit('start', 'app');
  await watch.until('the new run is shown', () => stopping() === false);
  assert.equal(watch.container('app')?.state, 'running');
});

test('a signal that comes before the new run was looked at is meant for the new run', async (t) => {
  const { engine, watch, stopping } = await running(t);
  engine.exit('app');
  engine.emit('die', 'app');
  await watch.until('exited', () => watch.container('app')?.state === 'exited');
  engine.run('app');
  engine.emit('start', 'app');
  engine.emit('kill', 'app', { signal: '15' });
  await watch.until('the new run is shown', () => watch.container('app')?.state === 'running');
  await watch.until('it leaves', () => stopping() === true);
});

test('a signal that comes before the first look is remembered', async (t) => {
  const { engine, watch } = await running(t);
  engine.add('new', { stopSignal: 'SIGUSR1' });
  engine.nowMs += 10;
  engine.emit('start', 'new');
  engine.emit('kill', 'new', { signal: '10' });
  await watch.until('it is shown', () => watch.container('new') !== undefined);
  assert.equal(watch.container('new')?.stopping, true);
});

test('a signal to a container that does not run means nothing', async (t) => {
  const { kill, stopping } = await running(t, { state: 'exited' });
  await kill('15');
  assert.equal(stopping(), false);
});

test('a thousand containers that are stopped together are told in few pictures', async (t) => {
  const engine = await FakeEngine.start(t);
  for (let n = 0; n < 1_000; n++) engine.add(`app${n}`);
  let tellings = 0;
  const watch = watching(t, [engine.endpoint], {
    onChange() {
      tellings += 1;
      // A table of this size takes its time.
      watch?.clock.advance(20);
    },
  });
  await watch.until('listed', () => watch.watch.snapshot().complete);
  tellings = 0;
  for (let n = 0; n < 1_000; n++) engine.emit('kill', `app${n}`, { signal: '15' });
  await watch.until('all leave', () => watch.watch.snapshot().containers.every((one) => one.stopping));
  assert.ok(tellings < 250, `${tellings} tellings`);
});
