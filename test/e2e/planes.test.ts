import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { testedEngine } from '../support/tested-engine.ts';

const hostOf = ({ mark }: { mark: string }) => `app.${mark}.test`;

test('a killed data plane comes back by itself, and knows of what changed meanwhile', async (t) => {
  const engine = testEngine(t);
  const host = hostOf(engine);
  const later = `later.${engine.mark}.test`;
  await engine.container({ labels: { 'proxy.host': host } });
  const second = await engine.container({ labels: { 'proxy.host': later }, start: false });
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  const { pid } = (await proxy.status()).dataPlane;
  assert.ok(pid);

  const killedMs = performance.now();
  process.kill(pid, 'SIGKILL');
  const started = second.start();
  await proxy.live(host);
  t.diagnostic(`back after ${Math.round(performance.now() - killedMs)} ms`);
  await started;
  await proxy.live(later);
  const { dataPlane } = await proxy.status();
  assert.notEqual(dataPlane.pid, pid);
  assert.equal(dataPlane.restarts.dataPlane, 1);
  assert.ok(proxy.lines().some(({ level, cause }) => level === 'error' && cause === 'SIGKILL'));
});

for (const [what, port] of [
  ['on a port that is open to all', async () => 0],
  ['on the lowest port that can be had', lowestPort],
] as const) {
  test(`the data plane ${what} is user nobody without groups, and cannot reach the engine`, async (t) => {
    const engine = testEngine(t);
    const host = hostOf(engine);
    await engine.container({ labels: { 'proxy.host': host } });
    const proxy = await ProxyProcess.start(t, {
      endpoint: engine.endpoint,
      env: { FAIRLEAD_HTTP: `127.0.0.1:${await port()}` },
    });
    await proxy.live(host);
    const { dataPlane, warnings } = await proxy.status();
    const pid = dataPlane.pid as number;
    if (keepsRights({ pid, warnings })) return;
    const rights = rightsOf(pid);
    const [uid, gid] = [65_534, 65_534];
    assert.equal(rights.Uid, `${uid}\t${uid}\t${uid}\t${uid}`);
    assert.equal(rights.Gid, `${gid}\t${gid}\t${gid}\t${gid}`);
    assert.equal(rights.Groups, '');
    // CAP_NET_BIND_SERVICE is number 10, and the only one that a port below 1024 needs.
    const capabilities = BigInt(`0x${rights.CapEff}`) | BigInt(`0x${rights.CapPrm}`);
    assert.equal(capabilities & ~(1n << 10n), 0n);

    const script = `require('net').connect(${JSON.stringify(engine.socket)}).on('error', (e) => console.log(e.code)).on('connect', () => process.exit(9))`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', script], { uid, gid, encoding: 'utf8' });
    assert.deepEqual([stdout.trim(), status], ['EACCES', 0]);
  });
}

/** Only root can give up root, and only to somebody who may read the checkout; all others are told that nothing was given up. */
function keepsRights({ pid, warnings }: { pid: number; warnings: readonly string[] }): boolean {
  if (process.getuid?.() === 0 && warnings.length === 0) return false;
  assert.match(warnings.join(), /keeps this process's rights: (only root can|user nobody cannot read)/);
  assert.equal(rightsOf(pid).Uid?.split('\t')[0], String(process.getuid?.()));
  return true;
}

test('on SIGTERM a download finishes, new connections are refused, a WebSocket hears 1001, and the code is 0', async (t) => {
  const engine = testEngine(t);
  const host = hostOf(engine);
  let held: ServerResponse | null = null;
  const { server } = await hostBackend(t, engine, {
    labels: { 'proxy.host': host },
    answer: (request, response) => {
      if (request.url !== '/slow') return response.end('ok');
      held = response;
      response.writeHead(200, { 'content-length': '8' }).write('half');
    },
  });
  const sockets = new WebSocketServer({ server });
  t.after(() => sockets.close());
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  await proxy.live(host);
  const socket = new WebSocket(`ws://127.0.0.1:${proxy.httpPort}/`, { headers: { host } });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  const [inside] = sockets.clients;
  const closedInside = once(inside as WebSocket, 'close');
  const slow = proxy.get(host, '/slow');
  await eventually('the download has begun', async () => held !== null);

  proxy.child.kill('SIGTERM');
  assert.equal((await closed)[0], 1001);
  assert.equal((await closedInside)[0], 1001);
  await eventually('new connections are refused', () =>
    proxy.get(host).then(
      () => false,
      ({ code }: NodeJS.ErrnoException) => code === 'ECONNREFUSED',
    ),
  );
  assert.equal(proxy.child.exitCode, null);
  (held as ServerResponse | null)?.end('done');
  assert.equal((await slow).body, 'halfdone');
  assert.deepEqual(await proxy.ended, { code: 0, signal: null });
  assert.equal(proxy.lines().at(-1)?.message, 'fairlead has stopped');
});

test('without its control plane the data plane gives its port back', async (t) => {
  const engine = testEngine(t);
  const proxy = await ProxyProcess.start(t, { endpoint: engine.endpoint });
  proxy.child.kill('SIGKILL');
  await eventually('the port is free', async () => canListen(proxy.httpPort));
});

test('two workers listen on the same port, and both serve', async (t) => {
  const engine = testEngine(t);
  const host = hostOf(engine);
  await engine.container({ labels: { 'proxy.host': host } });
  const proxy = await ProxyProcess.start(t, {
    endpoint: engine.endpoint,
    args: ['--workers', '2'],
    env: { FAIRLEAD_WORKERS: '' },
  });
  await proxy.live(host);
  const { workers, engine: carrier } = (await proxy.status()).dataPlane;
  assert.deepEqual([workers, carrier], [2, testedEngine]);
  assert.equal(listenersOn(proxy.httpPort), 2);
  for (let i = 0; i < 40; i++) assert.equal((await proxy.get(host)).status, 200);
});

test('a port that is taken ends the start with code 2, and names the setting', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const taken = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const [setting, env] of [
    ['FAIRLEAD_HTTP', { FAIRLEAD_HTTP: taken, FAIRLEAD_ADMIN: 'off' }],
    ['FAIRLEAD_ADMIN', { FAIRLEAD_HTTP: '127.0.0.1:0', FAIRLEAD_ADMIN: taken }],
  ] as const) {
    const { code, stderr } = await failedStart(t, { env });
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`${setting}=${taken}`));
    assert.match(stderr, /taken/);
  }
});

test('a data directory that cannot be made ends the start with code 2', async (t) => {
  const file = join(import.meta.dirname, 'planes.test.ts');
  const { code, stderr } = await failedStart(t, { env: { FAIRLEAD_DATA: join(file, 'data') } });
  assert.equal(code, 2);
  assert.match(stderr, /FAIRLEAD_DATA/);
  assert.match(stderr, /a file is in the way/);
});

test('all wrong settings are told at once, a mistyped flag with the one that was meant', async (t) => {
  const { code, stderr } = await failedStart(t, {
    env: { FAIRLEAD_HTTP: 'eighty', FAIRLEAD_LINGER: 'soon', FAIRLEAD_UNKNOWN_HOST: '500' },
    args: ['--worker', '2'],
  });
  assert.equal(code, 2);
  for (const word of ['4 settings', 'FAIRLEAD_HTTP', 'FAIRLEAD_LINGER', 'FAIRLEAD_UNKNOWN_HOST', '--workers'])
    assert.ok(stderr.includes(word), `${word} is missing:\n${stderr}`);
});

async function failedStart(
  t: TestContext,
  { env, args = [] }: { env: Record<string, string>; args?: string[] },
): Promise<{ code: number | null; stderr: string }> {
  const proxy = ProxyProcess.spawn(t, {
    args: ['serve', ...args],
    env: { FAIRLEAD_HTTPS: 'off', FAIRLEAD_DOCKER: 'unix:///nowhere.sock', ...env },
  });
  const { code } = await proxy.ended;
  return { code, stderr: proxy.stderr };
}

/** Fields of /proc/<pid>/status. */
function rightsOf(pid: number): Record<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => [line.split(':')[0], line.slice(line.indexOf(':') + 1).trim()]));
}

/** Below 1024 for root; elsewhere the first that this user may take. */
async function lowestPort(): Promise<number> {
  for (let port = 600; port < 2048; port++) if (await canListen(port)) return port;
  throw new Error('no port from 600 to 2047 can be had');
}

function canListen(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.on('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Sockets in state LISTEN (0A) on a port of 127.0.0.1. */
function listenersOn(port: number): number {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/));
  return rows.filter(([, address, , state]) => address === local && state === '0A').length;
}
