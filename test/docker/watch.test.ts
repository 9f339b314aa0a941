import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answer, FakeEngine, idOf, inspectionOf } from './fake-engine.ts';
import { type Watching, watching } from './watching.ts';

const bare = (watched: Watching) =>
  watched.watch
    .snapshot()
    .containers.map(({ name, state, stopping }) => `${name} ${state}${stopping ? ' stopping' : ''}`);

async function watched(t: Parameters<typeof FakeEngine.start>[0], prepare: (engine: FakeEngine) => void = () => {}) {
  const engine = await FakeEngine.start(t);
  prepare(engine);
  const watch = watching(t, [engine.endpoint]);
  await watch.until('the engine is listed', () => watch.watch.snapshot().complete);
  return { engine, watch };
}

test('containers with a label of ours, or nearly, are looked at and shown; others are not even looked at', async (t) => {
  const { engine, watch } = await watched(t, (engine) => {
    engine.add('app');
    engine.add('shouting', { labels: { 'PROXY.Host': 'x.test' } });
    engine.add('misspelt', { labels: { 'porxy.host': 'x.test' } });
    engine.add('other', { labels: { 'proxyish.host': 'x', app: 'proxy.' } });
  });
  assert.deepEqual(bare(watch), ['app running', 'shouting running', 'misspelt running']);
  assert.equal(engine.inspections('other'), 0);
  const [status] = watch.watch.snapshot().engines;
  assert.deepEqual(
    { ...status, sinceMs: 0 },
    {
      endpoint: engine.endpoint,
      connected: true,
      sinceMs: 0,
      engine: 'Docker 20.10.24',
      apiVersion: '1.41',
      remoteHost: '',
      error: '',
    },
  );
});

test('events are subscribed to before the list is asked for, and only GET is used', async (t) => {
  const { engine } = await watched(t);
  const order = engine.requests.filter((path) => path === '/events' || path === '/containers/json');
  assert.deepEqual(order, ['/events', '/containers/json']);
  const events = engine.urls.find((url) => url.includes('/events'));
  assert.match(decodeURIComponent(events ?? ''), /^\/v1\.41\/events\?filters=\{"type":\["container","network"\]/);
});

for (const [name, theirs, ours] of [
  ['an old engine', '1.41', '/v1.41'],
  ['the engine whose minimum is 1.44', '1.52', '/v1.47'],
] as const) {
  test(`${name} is spoken to in a version that it knows`, async (t) => {
    const { engine } = await watched(t, (engine) => {
      engine.apiVersion = theirs;
    });
    assert.ok(engine.urls.includes(`${ours}/containers/json?all=true`), engine.urls.join(' '));
  });
}

test('an engine that does not say its name in a header is asked for it', async (t) => {
  const { watch } = await watched(t, (engine) => {
    engine.server = '';
    engine.apiVersion = null;
  });
  const [status] = watch.watch.snapshot().engines;
  assert.equal(`${status?.engine} ${status?.apiVersion}`, 'Docker 20.10.24 1.41');
});

test('a container that starts is shown without any time passing', async (t) => {
  const { engine, watch } = await watched(t);
  watch.clock.advance(1_000);
  const tellings = watch.told.length;
  engine.add('app');
  engine.emitNetwork('connect', { container: idOf('app'), name: 'bridge' });
  engine.emit('start', 'app');
  await watch.quiet(() => watch.container('app') !== undefined, 'app is shown');
  assert.equal(watch.told.length, tellings + 1);
});

test('a burst of starts is told in few pictures', async (t) => {
  const { engine, watch } = await watched(t);
  watch.clock.advance(1_000);
  const tellings = watch.told.length;
  for (let n = 0; n < 100; n++) {
    engine.add(`app${n}`);
    engine.emit('start', `app${n}`);
  }
  await watch.until('all are shown', () => watch.watch.snapshot().containers.length === 100);
  assert.ok(watch.told.length - tellings < 20, `${watch.told.length - tellings} tellings`);
});

/** Orders of events as the engines were seen to send them; `|` = here the process ends. */
const endings: Readonly<Record<string, string>> = {
  '20.10 stop': 'kill:15 | die disconnect stop',
  '20.10 stop -t 1 of a process that ignores it': 'kill:15 kill:9 | die disconnect stop',
  '20.10 kill': 'kill:9 | die disconnect',
  '26.1 stop': 'kill:15 | disconnect stop die',
  '26.1 kill': 'kill:9 | disconnect die',
  'podman stop': '| die cleanup',
  crash: '| die disconnect',
  'out of memory': '| oom die disconnect',
};

for (const [name, script] of Object.entries(endings)) {
  test(`${name}: the container ends as exited and is never shown as running again`, async (t) => {
    const { engine, watch } = await watched(t, (engine) => engine.add('app'));
    const from = watch.told.length;
    for (const word of script.split(' ')) {
      if (word === '|') engine.exit('app', 137);
      else play(engine, word);
    }
    await watch.until('exited', () => watch.container('app')?.state === 'exited');
    const seen = watch.told.slice(from).map(({ containers }) => `${containers[0]?.state} ${containers[0]?.stopping}`);
    assert.deepEqual(
      seen.filter((one) => one === 'running false' || one === 'exited true'),
      [],
    );
    assert.equal(watch.container('app')?.exitCode, 137);
    assert.equal(watch.container('app')?.wasStopped === true, script.includes('kill'));
  });
}

const restarts: Readonly<Record<string, string>> = {
  '20.10 restart': 'kill:15 | die disconnect stop connect > start restart',
  '26.1 restart': 'kill:15 | disconnect stop die connect > start restart',
  'podman restart': 'restart | die cleanup init > start',
  'crash with a restart policy': '| die disconnect connect > start',
};

for (const [name, script] of Object.entries(restarts)) {
  test(`${name}: the container runs again, at its new address, and takes requests`, async (t) => {
    const { engine, watch } = await watched(t, (engine) => engine.add('app'));
    for (const word of script.split(' ')) {
      if (word === '|') engine.exit('app');
      else if (word === '>') engine.run('app', '172.17.0.77');
      else play(engine, word);
    }
    const there = () => watch.container('app')?.attachments[0]?.ipv4 === '172.17.0.77';
    await watch.until('it runs again', () => there() && watch.container('app')?.stopping === false);
    assert.deepEqual(bare(watch), ['app running']);
  });
}

function play(engine: FakeEngine, word: string): void {
  const [action = '', signal] = word.split(':');
  if (action === 'connect' || action === 'disconnect')
    engine.emitNetwork(action, { container: idOf('app'), name: 'bridge' });
  else engine.emit(action, 'app', signal === undefined ? {} : { signal });
}

for (const action of ['destroy', 'remove']) {
  test(`${action}: the container is gone without another look`, async (t) => {
    const { engine, watch } = await watched(t, (engine) => engine.add('app'));
    const looks = engine.inspections('app');
    engine.remove('app');
    engine.emit(action, 'app');
    await watch.until('gone', () => watch.watch.snapshot().containers.length === 0);
    assert.equal(engine.inspections('app'), looks);
  });
}

test('a container that the engine no longer knows is gone', async (t) => {
  const { engine, watch } = await watched(t, (engine) => engine.add('app'));
  engine.remove('app');
  engine.emit('die', 'app');
  await watch.until('gone', () => watch.watch.snapshot().containers.length === 0);
});

test('changes of name, health, pause and networks are seen', async (t) => {
  const { engine, watch } = await watched(t, (engine) => engine.add('app', { health: 'starting' }));
  const app = engine.get('app');
  const now = () => watch.watch.snapshot().containers[0];
  app.health = 'healthy';
  engine.emit('health_status: healthy', 'app');
  await watch.until('healthy', () => now()?.health === 'healthy');
  app.name = 'renamed';
  engine.emit('rename', 'app', { oldName: '/app' });
  await watch.until('renamed', () => now()?.name === 'renamed');
  app.state = 'paused';
  engine.emit('pause', 'app');
  await watch.until('paused', () => now()?.state === 'paused');
  app.state = 'running';
  engine.emit('unpause', 'app');
  await watch.until('unpaused', () => now()?.state === 'running');
  app.addresses = { bridge: '172.17.0.2', web: '172.18.0.5' };
  engine.emitNetwork('connect', { container: app.id, name: 'web' });
  await watch.until('connected', () => now()?.attachments.length === 2);
  app.addresses = { web: '172.18.0.5' };
  engine.emitNetwork('disconnect', { container: app.id, name: 'bridge' });
  await watch.until('disconnected', () => now()?.attachments.length === 1);
});

test('a network event that names no container leads to a list', async (t) => {
  const { engine, watch } = await watched(t, (engine) => engine.add('app'));
  engine.get('app').addresses = { bridge: '172.17.0.2', web: '10.89.0.5' };
  engine.emitNetwork('connect', { name: 'app' });
  await watch.until('connected', () => watch.container('app')?.attachments.length === 2);
});

test('an unchanged container is the same object in every picture', async (t) => {
  const { engine, watch } = await watched(t, (engine) => engine.add('app'));
  const before = watch.container('app');
  engine.emit('update', 'app');
  engine.add('other');
  engine.emit('start', 'other');
  await watch.until('other is shown', () => watch.container('other') !== undefined);
  await watch.until('app was looked at', () => engine.inspections('app') === 2);
  assert.equal(watch.container('app'), before);
  assert.ok(Object.isFrozen(before));
});

test('the environment of a container is nowhere in the picture', async (t) => {
  const { watch } = await watched(t, (engine) => engine.add('app'));
  assert.doesNotMatch(JSON.stringify([watch.told, watch.lines]), /secret/);
});

test('what an event says while the list is under way is newer than the list', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('leaves');
  engine.add('ends');
  const held = Promise.withResolvers<() => void>();
  engine.intercept = (path, _request, response) => {
    if (path !== '/containers/json') return false;
    const list = engine.list();
    held.resolve(() => answer(response, 200, list));
    return true;
  };
  const watch = watching(t, [engine.endpoint]);
  const release = await held.promise;
  engine.remove('leaves');
  engine.emit('destroy', 'leaves');
  engine.exit('ends');
  engine.emit('die', 'ends');
  engine.add('comes');
  engine.emit('start', 'comes');
  await watch.until('the newcomer was looked at', () => engine.inspections('comes') === 1);
  release();
  await watch.until('listed', () => watch.watch.snapshot().complete);
  await watch.until('all is told', () => watch.watch.snapshot().containers.length === 2);
  assert.deepEqual(bare(watch).sort(), ['comes running', 'ends exited']);
});

test('an inspection that is overtaken by an event is followed by another one', async (t) => {
  const { engine, watch } = await watched(t, (engine) => engine.add('app'));
  const held = Promise.withResolvers<() => void>();
  engine.intercept = (path, _request, response) => {
    if (!path.includes(idOf('app'))) return false;
    engine.intercept = () => false;
    const old = inspectionOf(engine.get('app'));
    held.resolve(() => answer(response, 200, old));
    return true;
  };
  engine.emit('update', 'app');
  const release = await held.promise;
  engine.exit('app');
  engine.emit('stop', 'app');
  release();
  await watch.until('exited', () => watch.container('app')?.state === 'exited');
});

test('a container whose inspection hangs keeps no other one waiting', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  for (let n = 0; n < 12; n++) engine.add(`stuck${n}`);
  engine.intercept = (path) =>
    path.includes('/containers/') && path !== '/containers/json' && !path.includes(idOf('app'));
  const watch = watching(t, [engine.endpoint]);
  await watch.until('app is shown', () => watch.container('app') !== undefined);
  assert.equal(watch.watch.snapshot().complete, false);
  engine.intercept = () => false;
  watch.clock.advance(10_000);
  await watch.until('they are asked again', () => watch.watch.snapshot().containers.length === 13);
});

test('where containers come all the while, the first scan is over once all in the first list were looked at', async (t) => {
  const engine = await FakeEngine.start(t);
  const app = engine.add('app');
  const held = Promise.withResolvers<() => void>();
  engine.intercept = (path, _request, response) => {
    if (path.includes(idOf('app'))) held.resolve(() => answer(response, 200, inspectionOf(app)));
    // One that starts is not described before it has started.
    return path.includes(idOf('app')) || path.includes(idOf('newcomer'));
  };
  const watch = watching(t, [engine.endpoint]);
  const answerApp = await held.promise;
  engine.add('newcomer');
  engine.emit('create', 'newcomer');
  await watch.quiet(() => engine.inspections('newcomer') > 0, 'the newcomer is looked at');
  assert.equal(watch.watch.snapshot().complete, false);
  answerApp();
  await watch.quiet(() => watch.watch.snapshot().complete, 'the scan is over');
  assert.notEqual(watch.container('app'), undefined);
});

test('at most eight inspections are asked for at a time', async (t) => {
  const engine = await FakeEngine.start(t);
  for (let n = 0; n < 40; n++) engine.add(`app${n}`);
  let open = 0;
  let most = 0;
  engine.intercept = (path, _request, response) => {
    if (path === '/containers/json' || !path.startsWith('/containers/')) return false;
    most = Math.max(most, ++open);
    response.on('finish', () => open--);
    return false;
  };
  const watch = watching(t, [engine.endpoint]);
  await watch.quiet(() => watch.watch.snapshot().complete, 'all are shown');
  assert.equal(watch.watch.snapshot().containers.length, 40);
  assert.ok(most <= 8, `${most} at a time`);
});

test('an inspection that fails is repeated soon', async (t) => {
  const { engine, watch } = await watched(t);
  let failures = 2;
  engine.intercept = (path, _request, response) => {
    if (!path.includes(idOf('app')) || failures-- <= 0) return false;
    answer(response, 500, { message: 'container is marked for removal' });
    return true;
  };
  engine.add('app');
  engine.emit('start', 'app');
  await watch.until('app is shown', () => watch.container('app') !== undefined);
});

test('every 30 s what events did not tell is found, and only that is looked at', async (t) => {
  const { engine, watch } = await watched(t, (engine) => {
    engine.add('app');
    engine.add('quiet');
    engine.add('lost');
  });
  engine.get('app').health = 'unhealthy';
  engine.add('new');
  engine.remove('lost');
  watch.clock.advance(30_000);
  await watch.until('the new one is shown', () => watch.container('new') !== undefined);
  await watch.until('the change is shown', () => watch.container('app')?.health === 'unhealthy');
  assert.equal(watch.container('lost'), undefined);
  assert.equal(engine.inspections('quiet'), 1);
});

test('the container in whose network another one is, and the proxy itself, are shown without labels', async (t) => {
  const engine = await FakeEngine.start(t);
  engine.add('vpn', { labels: {} });
  engine.add('app', { networkMode: `container:${idOf('vpn')}`, addresses: {} });
  engine.add('proxy', { labels: {}, addresses: { web: '172.18.0.2' } });
  engine.add('stranger', { labels: {} });
  const watch = watching(t, [engine.endpoint], { env: { HOSTNAME: idOf('proxy').slice(0, 12) } });
  await watch.until('listed', () => watch.watch.snapshot().complete);
  assert.deepEqual(bare(watch).sort(), ['app running', 'proxy running', 'vpn running']);
  assert.deepEqual(watch.watch.snapshot().place, {
    kind: 'container',
    id: idOf('proxy'),
    name: 'proxy',
    hostNetwork: false,
    networks: [{ id: idOf('web'), name: 'web', gateway: '172.17.0.1' }],
  });
  engine.add('late-vpn', { labels: {} });
  engine.add('late', { networkMode: `container:${idOf('late-vpn')}`, addresses: {} });
  engine.emit('start', 'late-vpn');
  engine.emit('start', 'late');
  await watch.until('its network owner is shown', () => watch.container('late-vpn') !== undefined);
});

test('after it was closed nothing is told, no timer is left and no connection', async (t) => {
  const { engine, watch } = await watched(t, (engine) => engine.add('app'));
  engine.emit('kill', 'app', { signal: '15' });
  await watch.until('stopping', () => watch.container('app')?.stopping === true);
  watch.watch.close();
  const tellings = watch.told.length;
  await watch.quiet(() => engine.subscribers === 0, 'the stream is closed');
  engine.emit('die', 'app');
  watch.clock.advance(60_000);
  assert.equal(watch.clock.pending, 0);
  assert.equal(watch.told.length, tellings);
});
