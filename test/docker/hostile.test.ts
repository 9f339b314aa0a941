import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeEngine } from './fake-engine.ts';
import { watching } from './watching.ts';

async function watched(t: Parameters<typeof FakeEngine.start>[0]) {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  const watch = watching(t, [engine.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  const startNew = async () => {
    engine.add('new');
    engine.emit('start', 'new');
    await watch.until('the new one is shown', () => watch.container('new') !== undefined);
  };
  return { engine, watch, startNew };
}

test('64 KiB in a label and a thousand labels arrive in pieces and are shown whole', async (t) => {
  const { engine, watch } = await watched(t);
  const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`label.${n}`, 'x'.repeat(500)]));
  engine.add('large', { labels: { 'proxy.host': 'a.test', long: 'y'.repeat(65_536), ...many } });
  engine.emit('start', 'large');
  await watch.until('it is shown', () => watch.container('large') !== undefined);
  assert.equal(Object.keys(watch.container('large')?.labels ?? {}).length, 1_002);
  assert.equal(watch.container('large')?.labels.long?.length, 65_536);
});

test('an event of more than 1 MiB is dropped, and the list finds what it was about', async (t) => {
  const { engine, watch, startNew } = await watched(t);
  engine.add('huge', { labels: { 'proxy.host': 'a.test', long: 'z'.repeat(1_100_000) } });
  engine.emit('start', 'huge');
  await watch.until('it is shown', () => watch.container('huge') !== undefined);
  await startNew();
});

test('lines that are no events change nothing, and the next event counts', async (t) => {
  const { engine, watch, startNew } = await watched(t);
  for (const line of [
    '{',
    'null',
    '[]',
    '7',
    '{"Type":"container"}',
    '{"Type":"container","Action":"die","Actor":null}',
    '',
  ]) {
    engine.write(`${line}\n`);
  }
  engine.write('{"Type":"container","Action":7,"Actor":{"ID":"../../version","Attributes":[1]}}\n');
  engine.write('{"Type":"network","Action":"connect","Actor":{"Attributes":{"container":"../x"}}}\n');
  await startNew();
  assert.equal(watch.container('app')?.state, 'running');
  assert.equal(engine.asked('/version'), 0);
});

test('bytes that are no UTF-8 are replaced', async (t) => {
  const { engine, watch } = await watched(t);
  const bad = engine.add('bad');
  const text = `{"Id":"${bad.id}","Name":"/bad","State":{"Status":"running"},"Config":{"Labels":{"proxy.host":"a@.test"}}}`;
  bad.raw = Buffer.from(text);
  bad.raw[text.indexOf('@')] = 0xff;
  engine.emit('start', 'bad');
  await watch.until('it is shown', () => watch.container('bad') !== undefined);
  assert.equal(watch.container('bad')?.labels['proxy.host'], 'a\ufffd.test');
});

for (const [name, raw] of [
  ['no JSON', 'Service Unavailable'],
  [
    'another container',
    `{"Id":"${'b'.repeat(64)}","State":{"Status":"running"},"Config":{"Labels":{"proxy.host":"b"}}}`,
  ],
  ['no container', '[]'],
] as const) {
  test(`an inspection that answers ${name} is that container's problem only, and is logged`, async (t) => {
    const { engine, watch, startNew } = await watched(t);
    engine.add('odd').raw = Buffer.from(raw);
    engine.emit('start', 'odd');
    await startNew();
    const warned = () =>
      watch.lines.filter(({ level, message }) => level === 'warn' && /inspected|known form/.test(message)).length;
    await watch.until('it is logged', () => warned() === 1);
    assert.equal(watch.container('odd'), undefined);
    assert.equal(watch.watch.snapshot().engines[0]?.connected, true);
  });
}

test('odd entries in the list are passed over', async (t) => {
  const { engine, watch } = await watched(t);
  const list = engine.list.bind(engine);
  engine.list = () => [null, 7, {}, { Id: 'x' }, { Id: 'c'.repeat(64), Labels: null, Names: 'x' }, ...list()];
  engine.add('new');
  watch.clock.advance(30_000);
  await watch.until('the new one is shown', () => watch.container('new') !== undefined);
  assert.deepEqual(
    watch.watch.snapshot().containers.map(({ name }) => name),
    ['app', 'new'],
  );
});
