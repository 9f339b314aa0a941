import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, request, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FakeEngine, idOf } from './fake-engine.ts';
import { watching } from './watching.ts';

async function engineWithApp(t: TestContext): Promise<FakeEngine> {
  const engine = await FakeEngine.start(t);
  engine.add('app');
  engine.add('proxy', { labels: {} });
  return engine;
}

function tempDir(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fl-transport-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Passes requests on to the engine's socket, as a socket proxy does. Returns its port. */
async function inFront(t: TestContext, engine: FakeEngine, server: Server): Promise<number> {
  server.on('request', (incoming, response) => {
    const { url, method, headers } = incoming;
    const passed = request({ socketPath: engine.socket, path: url, method, headers, agent: false }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, answered.headers).flushHeaders();
      answered.pipe(response);
      answered.on('error', () => response.destroy());
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    passed.end();
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('over tcp the engine is watched as over its socket', async (t) => {
  const engine = await engineWithApp(t);
  const port = await inFront(t, engine, createHttpServer());
  const watch = watching(t, [`tcp://127.0.0.1:${port}`]);
  await watch.until('app is shown', () => watch.container('app') !== undefined);
  engine.emit('kill', 'app', { signal: '15' });
  await watch.until('an event arrives', () => watch.container('app')?.stopping === true);
});

test("an address that is not loopback is another machine's, unless the proxy's own container runs there", async (t) => {
  const engine = await engineWithApp(t);
  const port = await inFront(t, engine, createHttpServer());
  // Loopback to the kernel, and another machine to the eye.
  const endpoint = `tcp://[::ffff:127.0.0.1]:${port}`;
  for (const [hostname, remoteHost] of [
    ['a-person-gave-it', '::ffff:7f00:1'],
    [idOf('proxy').slice(0, 12), ''],
  ] as const) {
    const watch = watching(t, [endpoint], { env: { HOSTNAME: hostname } });
    await watch.until('listed', () => watch.watch.snapshot().complete);
    assert.equal(watch.watch.snapshot().engines[0]?.remoteHost, remoteHost);
  }
});

test('over TLS both sides show a certificate, and a stranger is refused', async (t) => {
  const engine = await engineWithApp(t);
  const dir = tempDir(t);
  const make = (name: string, ...more: string[]) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
        ...['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'],
        ...['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.crt`), ...more],
      ],
      { stdio: 'ignore' },
    );
  make('engine');
  make('client');
  const file = (name: string) => readFileSync(join(dir, name), 'utf8');
  const server = createHttpsServer({
    ...{ key: file('engine.key'), cert: file('engine.crt'), ca: file('client.crt') },
    ...{ requestCert: true, rejectUnauthorized: true },
  });
  const port = await inFront(t, engine, server);
  const pem: Record<string, string> = {
    '/certs/ca.pem': file('engine.crt'),
    '/certs/cert.pem': file('client.crt'),
    '/certs/key.pem': file('client.key'),
  };
  const env = { DOCKER_CERT_PATH: '/certs' };
  const watch = watching(t, [`tcp://127.0.0.1:${port}`], { env, readFile: (path) => pem[path] ?? null });
  await watch.until('app is shown', () => watch.container('app') !== undefined);

  const wrong: Record<string, string> = { ...pem, '/certs/ca.pem': file('client.crt') };
  const stranger = watching(t, [`tcp://127.0.0.1:${port}`], { env, readFile: (path) => wrong[path] ?? null });
  await stranger.until('it is told', () => /DOCKER_CERT_PATH/.test(stranger.watch.snapshot().engines[0]?.error ?? ''));
});

test('over ssh the engine is watched, and what ssh complains about is told', async (t) => {
  const engine = await engineWithApp(t);
  const dir = tempDir(t);
  // Takes the place of ssh: notes its arguments and joins its pipes to the engine's socket, or complains.
  const program = join(dir, 'ssh');
  const relay = [
    `#!${process.execPath}`,
    `const { appendFileSync } = require('node:fs');`,
    `appendFileSync(${JSON.stringify(join(dir, 'arguments'))}, process.argv.slice(2).join(' ') + '\\n');`,
    `if (process.argv.includes('me@down')) { console.error('ssh: connect to host down port 22: refused'); process.exit(255); }`,
    `const socket = require('node:net').connect(${JSON.stringify(engine.socket)});`,
    `process.stdin.pipe(socket).pipe(process.stdout);`,
    `socket.on('close', () => process.exit(0)).on('error', () => process.exit(1));`,
  ];
  writeFileSync(program, relay.join('\n'));
  chmodSync(program, 0o755);
  const path = process.env.PATH;
  process.env.PATH = `${dir}:${path}`;
  t.after(() => {
    process.env.PATH = path;
  });
  const watch = watching(t, ['ssh://me@box:2222', 'ssh://me@down']);
  await watch.until('app is shown', () => watch.container('app') !== undefined);
  engine.emit('kill', 'app', { signal: '15' });
  await watch.until('an event arrives', () => watch.container('app')?.stopping === true);
  const down = () => watch.watch.snapshot().engines[1];
  await watch.until('the complaint is told', () => /refused/.test(down()?.error ?? ''));
  assert.match(
    down()?.error ?? '',
    /ended with code 255: ssh: connect to host down port 22: refused\. `ssh down docker version`/,
  );
  assert.equal(watch.watch.snapshot().engines[0]?.remoteHost, 'box');
  assert.match(readFileSync(join(dir, 'arguments'), 'utf8'), /-p 2222 -- me@box docker system dial-stdio\n/);
});

test("Docker's own variables lead the client nowhere else", async (t) => {
  const engine = await engineWithApp(t);
  const kept = { ...process.env };
  t.after(() => {
    process.env = kept;
  });
  Object.assign(process.env, {
    DOCKER_HOST: 'tcp://192.0.2.1:2376',
    DOCKER_CERT_PATH: '/nowhere',
    DOCKER_TLS_VERIFY: '1',
  });
  const watch = watching(t, [engine.endpoint]);
  await watch.until('app is shown', () => watch.container('app') !== undefined);
  assert.equal(process.env.DOCKER_HOST, 'tcp://192.0.2.1:2376');
});

test('an idle connection that the engine has closed meanwhile costs nothing', async (t) => {
  const engine = await engineWithApp(t);
  const watch = watching(t, [engine.endpoint]);
  await watch.until('listed', () => watch.watch.snapshot().complete);
  let broken = 0;
  engine.intercept = (path, _request, response) => {
    if (path !== '/containers/json' || broken++ > 0) return false;
    response.socket?.destroy();
    return true;
  };
  engine.add('new');
  watch.clock.advance(30_000);
  await watch.until('the new one is shown', () => watch.container('new') !== undefined);
  assert.ok(watch.told.every(({ engines }, at) => at === 0 || engines[0]?.connected !== false));
});
