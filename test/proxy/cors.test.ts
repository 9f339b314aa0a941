import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { CorsPolicy } from '../../src/routing/cors-policy.ts';
import { type Guards, noGuards } from '../../src/routing/guards.ts';
import type { RoutePolicy } from '../../src/routing/table.ts';
import { aPolicy } from '../cache/builders.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { RawBackend } from '../support/raw-backend.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a route that scripts of other sites may ask (engine ${name})`, () => corsSuite(makeEngine));
}

const app = 'https://app.example.com';
const terms: CorsPolicy = {
  origins: [app],
  methods: ['GET', 'PUT'],
  headers: ['X-Token'],
  credentials: true,
  maxAgeSeconds: 600,
};
const shared = (guards: Partial<Guards> = {}, policy: Partial<RoutePolicy> = {}) => ({
  policy: { ...policy, cors: terms, guards: { ...noGuards, ...guards } },
});
const signIn = { kind: 'basic', users: ['a:{SHA}x'], realm: '', headers: [], except: [] } as const;
const limit = {
  scope: 'app',
  rate: { count: 1, perMs: 60_000 },
  burst: 0,
  delay: false,
  key: { kind: 'ip' },
  status: 429,
} as const;

const from = (origin = app, fields = ''): string => `Origin: ${origin}\r\n${fields}`;
const preflight = (fields = from()): string =>
  `OPTIONS / HTTP/1.1\r\nHost: app.test\r\nAccess-Control-Request-Method: PUT\r\n${fields}\r\n`;

/** The head; the body is read over, so that the connection may go on. */
async function ask(client: RawSocket, request: string): Promise<string> {
  client.write(request);
  const head = await client.head();
  if (!/^HTTP\/1.1 (204|304)/.test(head)) await client.bytes(Number(/Content-Length: (\d+)/i.exec(head)?.[1] ?? 0));
  return head;
}

function corsSuite(makeEngine: MakeEngine): void {
  it('answers a preflight by itself, before it asks for a password, and keeps the connection', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], shared({ auth: signIn })));
    const client = await stage.connect();
    const line = stage.nextLine();
    const head = await ask(client, preflight());
    assert.match(head, /^HTTP\/1.1 204 No Content\r\n/);
    assert.doesNotMatch(head, /content-length|transfer-encoding|proxy-status/i);
    for (const field of [
      'Vary: Origin',
      `Access-Control-Allow-Origin: ${app}`,
      'Access-Control-Allow-Credentials: true',
      'Access-Control-Allow-Methods: GET, PUT',
      'Access-Control-Allow-Headers: X-Token',
      'Access-Control-Max-Age: 600',
    ])
      assert.ok(head.includes(`\r\n${field}\r\n`), field);
    const { status, method, reason } = await line;
    assert.deepEqual([status, method, reason], [204, 'OPTIONS', null]);
    // What follows does need a password, and a script may read that.
    const next = await ask(client, get('/', from()));
    assert.match(next, /^HTTP\/1.1 401 [\s\S]*\r\nAccess-Control-Allow-Origin: https:\/\/app.example.com\r\n/);
    assert.equal(backend.connections.length, 0);
  });

  it('refuses a preflight from an address that may not come, and one too many', async (t) => {
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([], shared({ deny: ['127.0.0.0/8'] })));
    const denied = await ask(await stage.connect(), preflight());
    assert.match(denied, /^HTTP\/1.1 403 [\s\S]*details=address-denied/);
    assert.match(denied, /\r\nAccess-Control-Allow-Origin: /);
    assert.doesNotMatch(denied, /Allow-Methods/);
    stage.serve(routeTo([], shared({ limit })));
    const client = await stage.connect();
    assert.match(await ask(client, preflight()), /^HTTP\/1.1 204 [\s\S]*\r\nRateLimit: /);
    assert.match(await ask(client, preflight()), /^HTTP\/1.1 429 [\s\S]*\r\nAccess-Control-Allow-Origin: /);
  });

  it('says nothing to a site that is not named, but that the answer depends on it', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], shared()));
    const client = await stage.connect();
    for (const origin of ['https://evil.test', 'null', 'https://app.example.com.evil.test']) {
      for (const request of [preflight(from(origin)), get('/', from(origin))]) {
        const head = await ask(client, request);
        assert.match(head, /\r\nVary: Origin\r\n/);
        assert.doesNotMatch(head, /Access-Control/);
      }
    }
    assert.match(await ask(client, get()), /\r\nVary: Origin\r\n/);
  });

  it('has an OPTIONS that is no preflight answered by the backend', async (t) => {
    const backend = (await RawBackend.open(t)).always(
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nAllow: GET\r\naccess-control-allow-origin: *\r\nVary: Cookie\r\n\r\n',
    );
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], shared()));
    const head = await ask(await stage.connect(), `OPTIONS / HTTP/1.1\r\nHost: app.test\r\n${from()}\r\n`);
    assert.match(head, /\r\nAllow: GET\r\n/);
    assert.match(head, /\r\nVary: Cookie, Origin\r\n/);
    assert.deepEqual(head.match(/access-control-allow-origin: .*/gi), [`Access-Control-Allow-Origin: ${app}`]);
  });

  it('lets a script read that no backend answers', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], shared({}, { retries: 0 })));
    const client = await stage.connect();
    client.write(get('/', from()));
    const upstream = await backend.next();
    await upstream.head();
    upstream.reset();
    assert.match(await client.head(), /^HTTP\/1.1 502 [\s\S]*\r\nAccess-Control-Allow-Origin: https:\/\/app/);
  });

  it('gives each site its own answer of one that is stored', async (t) => {
    const backend = (await RawBackend.open(t)).always(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: max-age=60\r\nVary: Accept\r\n\r\nok',
    );
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], shared({}, { cache: aPolicy() })));
    const client = await stage.connect();
    const told = async (fields: string) => {
      const head = await ask(client, get('/', fields));
      const field = (name: string) => new RegExp(`\r\n${name}: (.*)\r\n`).exec(head)?.[1];
      return ['X-Cache-Status', 'Vary', 'Access-Control-Allow-Origin'].map(field);
    };
    assert.deepEqual(await told(''), ['MISS', 'Accept, Origin', undefined]);
    assert.deepEqual(await told(from()), ['HIT', 'Accept, Origin', app]);
    assert.deepEqual(await told(from('https://evil.test')), ['HIT', 'Accept, Origin', undefined]);
    assert.equal(backend.connections.length, 1);
  });

  it('knows who asks also where a label hides that from the backend', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    const requestHeaders = [{ name: 'Origin', value: '', how: 'delete' }] as const;
    stage.serve(routeTo([backend.port], shared({}, { requestHeaders })));
    const client = await stage.connect();
    client.write(get('/', from()));
    const upstream = await backend.next();
    assert.doesNotMatch(await upstream.head(), /\r\nOrigin:/i);
    upstream.write(ok);
    assert.match(await client.head(), /\r\nAccess-Control-Allow-Origin: https:\/\/app/);
  });
}
