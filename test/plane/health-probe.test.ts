import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect, createServer as createPlainServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { probe } from '../../src/plane/health-probe.ts';
import type { Backend, BackendCheck } from '../../src/routing/table.ts';
import { tlsBackend } from '../engine/support/tls-backend.ts';
import { quietPort } from '../support/quiet-port.ts';
import { aBackend, tcpCheck } from '../upstream/builders.ts';

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const served = (t: TestContext, answer: RequestListener) => listening(t, createServer(answer));

function httpCheck(about: Partial<Extract<BackendCheck, { kind: 'http' }>> = {}): BackendCheck {
  const pace = { intervalMs: 10_000, timeoutMs: 5_000, rise: 1, fall: 3 };
  const statuses = [{ from: 200, to: 399 }];
  return { kind: 'http', port: 0, path: '/up', host: 'app.example.com', statuses, ...pace, ...about };
}

function checked(about: Partial<Backend>, { timeoutMs = 5_000 } = {}): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const backend = aBackend({ check: tcpCheck(), ...about });
  probe({ ...backend, check: backend.check as BackendCheck }, { timeoutMs, onEnd: resolve });
  return promise;
}

test('a connection that stands has passed, and is closed at once', async (t) => {
  const server = createPlainServer();
  const port = await listening(t, server);
  const closed = once(server, 'connection').then(([socket]) => once(socket.resume(), 'close'));
  assert.equal(await checked({ port }), null);
  await closed;
});

test('one that is refused has failed, and says where', async () => {
  const port = await quietPort();
  assert.equal(await checked({ port }), `connect refused on 127.0.0.1:${port}`);
  assert.equal(await checked({ port, check: httpCheck() }), `connect refused on 127.0.0.1:${port}`);
});

test('an answer counts by its status, and the request has the name of the route', async (t) => {
  const seen: unknown[] = [];
  const port = await served(t, ({ method, url, headers: { host } }, response) => {
    seen.push([method, url, host]);
    response.writeHead(url === '/up' ? 204 : 503).end();
  });
  assert.equal(await checked({ port, check: httpCheck() }), null);
  const failure = `GET /down on 127.0.0.1:${port} was answered with 503`;
  assert.equal(await checked({ port, check: httpCheck({ path: '/down' }) }), failure);
  assert.equal(await checked({ port, check: httpCheck({ path: '/down', statuses: [{ from: 503, to: 503 }] }) }), null);
  assert.deepEqual(seen[0], ['GET', '/up', 'app.example.com']);
});

test('a route without a single name is asked for by its address, and a port of its own is used', async (t) => {
  let host = '';
  const port = await served(t, (request, response) => {
    host = request.headers.host ?? '';
    response.end();
  });
  assert.equal(await checked({ port: 1, check: httpCheck({ port, host: '' }) }), null);
  assert.equal(host, `127.0.0.1:${port}`);
});

test('silence is a failure after the timeout', async (t) => {
  const port = await listening(t, createPlainServer());
  const failure = await checked({ port, check: httpCheck() }, { timeoutMs: 20 });
  assert.equal(failure, `GET /up on 127.0.0.1:${port}: no answer within 0.02 s`);
});

test('a connection that nobody takes is a failure after the timeout', async (t) => {
  const port = await fullPort(t);
  assert.equal(await checked({ port }, { timeoutMs: 20 }), `127.0.0.1:${port}: no answer within 0.02 s`);
});

test('over TLS its certificate has to be right, unless nobody asks for that, and is asked for by name', async (t) => {
  const { port, names } = await tlsBackend(t, 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  const about = { port, scheme: 'https', check: httpCheck() } as const;
  const failure = await checked(about);
  assert.equal(failure, `GET /up on 127.0.0.1:${port} failed: DEPTH_ZERO_SELF_SIGNED_CERT`);
  assert.equal(await checked({ ...about, verify: false }), null);
  assert.equal(await checked({ ...about, verify: false, sni: 'inner.example.com' }), null);
  assert.deepEqual(names.slice(-2), ['app.example.com', 'inner.example.com']);
});

test('one that hangs up without an answer, or answers nonsense, has failed', async (t) => {
  const words = ['', 'nonsense\r\n\r\n'];
  const port = await listening(
    t,
    createPlainServer((socket) => {
      socket.once('data', () => socket.end(words.shift() ?? ''));
    }),
  );
  const address = `127.0.0.1:${port}`;
  assert.equal(await checked({ port, check: httpCheck() }), `GET /up on ${address} failed: ECONNRESET`);
  assert.match((await checked({ port, check: httpCheck() })) ?? '', /^GET \/up on .* failed: HPE_/);
});

test('an answer without end is judged by its head, and cut', async (t) => {
  const cut = Promise.withResolvers<void>();
  const port = await served(t, (_, response) => {
    response.on('close', cut.resolve);
    const pour = () => {
      while (response.write(Buffer.alloc(16 * 1024))) if (response.destroyed) return;
    };
    response.on('drain', pour);
    pour();
  });
  assert.equal(await checked({ port, check: httpCheck() }), null);
  await cut.promise;
});

test('a check that is given up tells nothing and leaves no connection', async (t) => {
  const server = createServer();
  const port = await listening(t, server);
  const backend = { ...aBackend({ port }), check: httpCheck() };
  const given = probe(backend, { timeoutMs: 5_000, onEnd: () => assert.fail('it was given up') });
  const [request] = await once(server, 'request');
  const closed = once(request.socket, 'close');
  given.abort();
  await closed;
});

/** A port whose program has stopped, with a queue that is full: what is sent there is dropped. */
async function fullPort(t: TestContext): Promise<number> {
  const program = `const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
    () => console.log(server.address().port))`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  const port = Number(line);
  for (let waiting = 0; waiting < 2; waiting++) {
    const socket = connect({ host: '127.0.0.1', port });
    t.after(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
  }
  return port;
}
