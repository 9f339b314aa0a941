import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { scryptHash } from '../../src/auth/scrypt-hash.ts';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { type AuthPolicy, noGuards } from '../../src/routing/guards.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { closedPort, RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a password (engine ${name})`, () => basicSuite(makeEngine));
  describe(`another server that decides (engine ${name})`, () => forwardSuite(makeEngine));
}

const basic = (user: string, password: string) =>
  `Authorization: Basic ${Buffer.from(`${user}:${password}`).toString('base64')}\r\n`;

async function begin(t: TestContext, makeEngine: MakeEngine, auth: AuthPolicy) {
  const backend = await RawBackend.open(t);
  const stage = await proxyStage(t, makeEngine());
  stage.serve(routeTo([backend.port], { policy: { guards: { ...noGuards, auth } } }));
  const ask = async (path = '/', fields = '') => {
    const client = await stage.connect();
    client.write(get(path, fields));
    return client;
  };
  return { backend, stage, ask };
}

function basicSuite(makeEngine: MakeEngine): void {
  const entries = async () => [`alice:${await scryptHash('secret')}`, `bob:${await scryptHash('other')}`];
  const policy = async (about: Partial<AuthPolicy & { kind: 'basic' }> = {}): Promise<AuthPolicy> => {
    const none = { realm: '', headers: [], except: [] };
    return { kind: 'basic', users: await entries(), ...none, ...about };
  };

  it('is asked for, with the host as the realm or what the label says', async (t) => {
    for (const [realm, shown] of [
      ['', 'app\\.test'],
      ['The "staff"', 'The \\\\"staff\\\\"'],
    ] as const) {
      const { ask, backend, stage } = await begin(t, makeEngine, await policy({ realm }));
      const line = stage.nextLine();
      const head = await (await ask()).head();
      assert.match(head, /^HTTP\/1.1 401 [\s\S]*details=auth-required\r\n/);
      assert.match(head, new RegExp(`\\r\\nWWW-Authenticate: Basic realm="${shown}", charset="UTF-8"\\r\\n`));
      assert.equal((await line).reason, 'auth-required');
      assert.equal(backend.connections.length, 0);
    }
  });

  it('has its name in the log, and nothing of itself', async (t) => {
    const { ask, backend, stage } = await begin(t, makeEngine, await policy());
    backend.always(ok);
    const line = stage.nextLine();
    assert.match(await (await ask('/', basic('alice', 'secret'))).head(), /^HTTP\/1.1 200 /);
    assert.equal((await line).user, 'alice');
    assert.ok(!JSON.stringify(await line).includes('secret'));
  });

  it('that is wrong, of somebody else or of nobody does not let in', async (t) => {
    const { ask, backend } = await begin(t, makeEngine, await policy());
    for (const fields of [
      basic('alice', 'other'),
      basic('alice', 'Secret'),
      basic('mallory', 'secret'),
      basic('', ''),
      'Authorization: Bearer secret\r\n',
      basic('mallory', 'x') + basic('alice', 'secret'),
    ])
      assert.match(await (await ask('/', fields)).head(), /^HTTP\/1.1 401 /, fields);
    assert.equal(backend.connections.length, 0);
  });

  it('lets in, and is not passed on', async (t) => {
    const { ask, backend } = await begin(t, makeEngine, await policy());
    const client = await ask('/', basic('alice', 'secret'));
    const upstream = await backend.next();
    assert.doesNotMatch(await upstream.head(), /authorization/i);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('is passed on, and the name told, where the label says so; a client cannot tell it itself', async (t) => {
    const headers = ['Authorization', 'Remote-User'];
    const except = [{ kind: 'prefix', text: '/public', prefix: '/public' }] as const;
    const { ask, backend } = await begin(t, makeEngine, await policy({ headers, except }));
    await ask('/', `${basic('alice', 'secret')}Remote-User: root\r\n`);
    const told = await (await backend.next()).head();
    assert.match(told, /\r\nAuthorization: Basic /);
    assert.match(told, /\r\nRemote-User: alice\r\n/);
    assert.doesNotMatch(told, /root/);
    await ask('/public/x', 'Remote-User: root\r\n');
    assert.doesNotMatch(await (await backend.next()).head(), /remote-user/i);
  });

  it('is not asked for on the paths that are excepted', async (t) => {
    const except = [{ kind: 'prefix', text: '/public', prefix: '/public' }] as const;
    const { ask, backend } = await begin(t, makeEngine, await policy({ except }));
    assert.match(await (await ask('/public/../x')).head(), /^HTTP\/1.1 401 /);
    const client = await ask('/public/x');
    (await backend.next()).write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });
}

function forwardSuite(makeEngine: MakeEngine): void {
  const policy = (port: number, about: Partial<AuthPolicy> = {}): AuthPolicy =>
    ({
      kind: 'forward',
      url: `http://127.0.0.1:${port}/verify?x=1`,
      headers: ['Remote-User'],
      except: [],
      ...about,
    }) as AuthPolicy;

  it('is told all but the body, and what it says goes on to the backend', async (t) => {
    const server = await RawBackend.open(t);
    const { backend, stage } = await begin(t, makeEngine, policy(server.port));
    const client = await stage.connect();
    const fields = 'Cookie: session=1\r\nRemote-User: root\r\nX-Forwarded-Uri: /public\r\nContent-Length: 4\r\n';
    client.write(`POST /admin?a=b HTTP/1.1\r\nHost: app.test\r\n${fields}\r\nbody`);
    const asked = await server.next();
    const question = await asked.head();
    assert.match(question, /^GET \/verify\?x=1 HTTP\/1.1\r\n/);
    assert.match(question, new RegExp(`\\r\\nHost: 127.0.0.1:${server.port}\\r\\n`));
    for (const line of [
      'Cookie: session=1',
      'X-Forwarded-Method: POST',
      'X-Forwarded-Uri: /admin\\?a=b',
      'X-Forwarded-Host: app.test',
      'X-Forwarded-For: 127.0.0.1',
    ])
      assert.match(question, new RegExp(`\\r\\n${line}\\r\\n`), line);
    assert.doesNotMatch(question, /content-length|root|\/public/i);
    assert.equal(backend.connections.length, 0);
    asked.write('HTTP/1.1 200 OK\r\nRemote-User: alice\r\nX-Other: x\r\nContent-Length: 5\r\n\r\nhello');
    const upstream = await backend.next();
    const head = await upstream.head();
    assert.match(head, /^POST \/admin\?a=b [\s\S]*\r\nRemote-User: alice\r\n/);
    assert.doesNotMatch(head, /root|X-Other|X-Forwarded-Method/);
    assert.equal(await upstream.bytes(4), 'body');
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('is heard by the client where it does not let it in', async (t) => {
    const server = await RawBackend.open(t);
    const { ask, backend, stage } = await begin(t, makeEngine, policy(server.port));
    const line = stage.nextLine();
    const client = await ask();
    (await server.next()).write(
      'HTTP/1.1 302 Found\r\nLocation: https://auth.test/?rd=x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlogin\r\n0\r\n\r\n',
    );
    const head = await client.head();
    assert.match(
      head,
      /^HTTP\/1.1 302 [\s\S]*Location: https:\/\/auth.test\/\?rd=x\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n/,
    );
    assert.match(head, /\r\nContent-Length: 5\r\n/);
    assert.equal(await client.bytes(5), 'login');
    const { status, reason } = await line;
    assert.deepEqual({ status, reason }, { status: 302, reason: 'auth-required' });
    assert.equal(backend.connections.length, 0);
  });

  it('lets nobody in while it is down, breaks off or says no end of things', async (t) => {
    for (const answer of [
      null,
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nbroken',
      `HTTP/1.1 200 OK\r\nContent-Length: 1200000\r\n\r\n${'x'.repeat(1_200_000)}`,
    ]) {
      const server = await RawBackend.open(t);
      const { ask, backend } = await begin(t, makeEngine, policy(answer === null ? await closedPort() : server.port));
      const client = await ask();
      if (answer !== null) {
        const asked = await server.next();
        await asked.head();
        asked.write(answer);
        asked.end();
      }
      const head = await client.head();
      assert.match(head, /^HTTP\/1.1 503 [\s\S]*details=auth-unavailable\r\nRetry-After: 2\r\n/);
      assert.equal(backend.connections.length, 0);
    }
  });

  it('is asked again on a new connection where the one that was kept has died', async (t) => {
    const server = await RawBackend.open(t);
    const { ask, backend } = await begin(t, makeEngine, policy(server.port));
    backend.always(ok);
    const first = await ask();
    const asked = await server.next();
    await asked.head();
    asked.write('HTTP/1.1 204 No Content\r\n\r\n');
    assert.match(await first.head(), /^HTTP\/1.1 200 /);
    const second = await ask();
    await asked.head();
    asked.reset();
    (await server.next()).write('HTTP/1.1 204 No Content\r\n\r\n');
    assert.match(await second.head(), /^HTTP\/1.1 200 /);
  });

  it('is not asked any more once the client has left, nor about paths that are excepted', async (t) => {
    const server = await RawBackend.open(t);
    const except = [{ kind: 'exact', text: '=/up', path: '/up' }] as const;
    const { ask, backend } = await begin(t, makeEngine, policy(server.port, { except }));
    const open = await ask('/up', 'Remote-User: root\r\n');
    const upstream = await backend.next();
    assert.doesNotMatch(await upstream.head(), /root/);
    upstream.write(ok);
    assert.match(await open.head(), /^HTTP\/1.1 200 /);
    const client = await ask();
    const asked = await server.next();
    await asked.head();
    client.reset();
    assert.equal(await asked.rest(), '');
    assert.equal(server.connections.length, 1);
  });
}
