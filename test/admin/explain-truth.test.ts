import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { ExplainView } from '../../src/admin/explain-view.ts';
import type { Container } from '../../src/docker/container.ts';
import { readLimit } from '../../src/plane/limit-reading.ts';
import { quietPlane } from '../plane/quiet-plane.ts';
import { attachment } from '../routing/builders.ts';
import { eventually } from '../support/engine.ts';
import { fc } from '../support/properties.ts';
import { rawClient } from '../support/raw-client.ts';
import { adminOver, labelledContainer, view } from './admin-world.ts';

/** `user:sesame`. */
const credentials = 'Basic dXNlcjpzZXNhbWU=';
const users = 'user:{SHA}CEo1Ae3vaEXy8eQZjsOiuBz1xrw=';

type Labels = Readonly<Record<string, string>>;

const several: readonly Labels[] = [
  { 'proxy.host': 'uri.test', 'proxy.lb': 'hash:uri' },
  { 'proxy.host': 'ip.test', 'proxy.lb': 'iphash', 'proxy.match': 'method=GET', 'proxy.path': '/api' },
  {
    'proxy.host': 'header.test',
    'proxy.lb': 'hash:header:X-Key',
    'proxy.sticky': 'true',
    'proxy.reqheader.X-New': 'a',
  },
  { 'proxy.host': 'first.test', 'proxy.lb': 'first', 'proxy.strip': '/api' },
  { 'proxy.host': 'turns.test', 'proxy.ws': 'false' },
  { 'proxy.host': 'least.test', 'proxy.lb': 'least' },
];
const single: readonly Labels[] = [
  {
    'proxy.host': 'guarded.test',
    'proxy.allow': '203.0.113.0/24,127.0.0.1',
    'proxy.limit': '1/m burst=2 key=header:X-Key status=420',
    'proxy.cors': 'https://a.test',
    'proxy.auth': 'basic except=/public',
    'proxy.auth.users': users,
    'proxy.maxbody': '4',
    'proxy.rewrite': '^/api/(.*)$ -> $1',
  },
  { 'proxy.host': 'cached.test', 'proxy.cache': '10m bypass=query:fresh' },
  {
    'proxy.host': 'old.test',
    'proxy.redirect': '302 https://new.test{uri}',
    'proxy.maxbody': '4',
    'proxy.rewrite': '^/api/(.*)$ -> $1',
  },
  { 'proxy.host': 'closed.test', 'proxy.allow': 'nonsense' },
  { 'proxy.host': 'plain.test', 'proxy.http': 'off' },
  { 'proxy.host': 'spare.test', 'proxy.backup': 'true' },
];

/** A backend that says its name and how often it was asked. */
async function backend(t: TestContext, name: string): Promise<number> {
  const server = createServer((request, response) => {
    response.setHeader('X-Backend', name);
    request.resume().on('end', () => response.end(name));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function containersOf(t: TestContext): Promise<Container[]> {
  const containers: Container[] = [];
  const add = async (labels: Labels, name: string, about: Partial<Container> = {}): Promise<void> => {
    const port = String(await backend(t, name));
    const all = { ...labels, 'proxy.port': port, 'proxy.health': 'off', 'proxy.wait': '0' };
    containers.push(
      labelledContainer(all, { name, attachments: [attachment('web', { ipv4: '127.0.0.1' })], ...about }),
    );
  };
  for (const labels of several) {
    for (const letter of ['a', 'b', 'c']) await add(labels, `${labels['proxy.host']}-${letter}`);
    await add(labels, `${labels['proxy.host']}-stopped`, { state: 'exited' });
  }
  for (const labels of single) await add(labels, `${labels['proxy.host']}-only`);
  await add({ 'proxy.host': 'stopped.test' }, 'stopped', { state: 'exited' });
  return containers;
}

/** Two workers that serve these containers, and an admin API that explains them. */
async function stage(t: TestContext) {
  const containers = await containersOf(t);
  let listening = 0;
  const trusted = ['127.0.0.1'];
  const events = { onListening: () => listening++ };
  const { dataPlane, port } = await quietPlane(t, { workers: 2, trusted, events });
  dataPlane.publish(view({ containers }).built().table);
  dataPlane.start();
  await eventually('all serve', async () => listening > 0 && dataPlane.status().appliedVersion === 7);
  const { ask } = await adminOver(
    t,
    {
      containers,
      limit: (question) => readLimit({ own: dataPlane.inquiry, shared: null }, question),
      foresee: (question) => dataPlane.inquiry.foresee(question),
    },
    { unknownHost: '404', trusted },
  );
  return {
    async explain({ method, host, path, headers }: Request): Promise<ExplainView> {
      const query = new URLSearchParams({ url: `http://${host}${path}`, method, ip: '127.0.0.1' });
      for (const [name, value] of headers) query.append('header', `${name}: ${value}`);
      return (await ask(`/explain?${query}`)).json<ExplainView>();
    },
    async send({ method, host, path, headers }: Request): Promise<Got> {
      const client = await rawClient(t, port);
      const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const length = Number(headers.find(([name]) => name === 'Content-Length')?.[1] ?? 0);
      client.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n${'x'.repeat(length)}`);
      const head = await client.head();
      client.socket.destroy();
      const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(head)?.[1] ?? null;
      return {
        status: Number(head.slice(9, 12)),
        reason: /details=([\w-]+)/.exec(field('Proxy-Status') ?? '')?.[1] ?? null,
        backend: field('X-Backend'),
        cache: field('X-Cache-Status'),
        cookie: field('Set-Cookie')?.split(';')[0] ?? null,
      };
    },
  };
}

interface Request {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly headers: readonly (readonly [string, string])[];
}

interface Got {
  readonly status: number;
  readonly reason: string | null;
  readonly backend: string | null;
  readonly cache: string | null;
  readonly cookie: string | null;
}

/** Without what changes as time passes. */
function essence({ answer, picked, pickedBy, steps }: ExplainView) {
  return { answer, picked, pickedBy, steps: steps.map(({ does: _, ...judged }) => judged) };
}

const hosts = [...several, ...single].map((labels) => labels['proxy.host'] as string);
const fields = fc.constantFrom(
  ...([
    ['X-Key', 'one'],
    ['X-Key', 'two'],
    ['Authorization', credentials],
    ['Authorization', 'Basic dXNlcjp3cm9uZw=='],
    ['Origin', 'https://a.test'],
    ['Access-Control-Request-Method', 'PUT'],
    ['X-Forwarded-For', '203.0.113.9'],
    ['X-Forwarded-For', '198.51.100.7'],
    ['X-Forwarded-Proto', 'https'],
    ['X_Forwarded_For', '198.51.100.8'],
    ['Content-Length', '3'],
    ['Content-Length', '9'],
    ['Content-Length', 'x'],
    ['Transfer-Encoding', 'gzip'],
    ['Cache-Control', 'no-cache'],
    ['Cache-Control', 'only-if-cached'],
    ['If-None-Match', '*'],
    ['Cookie', 'fairlead=nonsense'],
    ['Accept', 'text/html'],
  ] as const),
);
const requests: fc.Arbitrary<Request> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'OPTIONS', 'HEAD'),
  host: fc.constantFrom(...hosts, ...hosts, 'stopped.test', 'nobody.test', 'urii.test'),
  path: fc.constantFrom('/', '/api', '/api/x', '/api/%zz', '/public', '/public/..%2fx', '/a?fresh=1', '/a/../b', '/%'),
  headers: fc
    .array(fields, { maxLength: 4 })
    .map((lines) => lines.filter(([name], at) => lines.findIndex(([other]) => other === name) === at)),
});

const asking = (host: string, path = '/', about: Partial<Request> = {}): [Request] => [
  { method: 'GET', host, path, headers: [], ...about },
];

/** Each way that a request can take, at least once. */
const examples = [
  asking('guarded.test', '/', {
    method: 'OPTIONS',
    headers: [
      ['Origin', 'https://a.test'],
      ['Access-Control-Request-Method', 'PUT'],
    ],
  }),
  asking('guarded.test', '/', { headers: [['X-Key', 'three']] }),
  ...Array.from({ length: 4 }, () =>
    asking('guarded.test', '/public', {
      headers: [
        ['X-Key', 'four'],
        ['X-Forwarded-For', '203.0.113.77'],
      ],
    }),
  ),
  asking('guarded.test', '/', { headers: [['X-Forwarded-For', '198.51.100.7']] }),
  asking('guarded.test', '/public', {
    method: 'POST',
    headers: [
      ['Content-Length', '9'],
      ['X-Key', 'five'],
    ],
  }),
  asking('turns.test', '/', {
    headers: [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
    ],
  }),
  asking('guarded.test', '/public', {
    headers: [
      ['Authorization', credentials],
      ['X-Key', 'six'],
    ],
  }),
  asking('cached.test'),
  ...Array.from({ length: 4 }, () => asking('cached.test', '/', { headers: [['Cache-Control', 'only-if-cached']] })),
  asking('old.test', '/api/x'),
  asking('closed.test'),
  asking('plain.test'),
  asking('stopped.test'),
  asking('nobody.test'),
  asking('ip.test', '/api', { method: 'POST' }),
  asking('uri.test', '/', { headers: [['Content-Length', 'x']] }),
  asking('uri.test', '/', { headers: [['Transfer-Encoding', 'gzip']] }),
];

test('what is explained is what the request then gets: its refusal, its answer from the cache, its backend', async (t) => {
  const { explain, send } = await stage(t);
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(requests, async (request) => {
      const told = await explain(request);
      assert.deepEqual(essence(await explain(request)), essence(told), 'an explanation changes nothing');
      const got = await send(request);
      seen.add(told.answer?.reason ?? told.pickedBy);
      const cache = told.steps.find(({ step }) => step === 'cache');
      if (told.answer === null && got.reason === 'not-cached') {
        assert.match(told.pickedBy, /^no backend is asked/);
        assert.match(cache?.does ?? '', /MISS at .*504 not-cached$/);
        return;
      }
      if (told.answer === null) {
        assert.notEqual(got.backend, null, JSON.stringify([got, told]));
        // Each worker has a memory of its own, and the request goes to one of them.
        if (cache?.verdict === 'unknown') assert.ok(cache.does.includes(got.cache as string), cache.does);
        else assert.equal(got.cache, cache?.reason ?? null);
        if (/^no backend is asked/.test(told.pickedBy)) return;
        const able = told.backends.filter(({ takes }) => takes).map(({ container }) => container);
        assert.ok(able.includes(got.backend as string));
        if (told.picked !== null) assert.equal(got.backend, told.picked);
        else assert.match(told.pickedBy, /turns/);
        return;
      }
      assert.equal(got.status, told.answer.status, JSON.stringify([got, told]));
      if (told.answer.reason === 'cached') assert.equal(got.cache, cache?.reason);
      else if (got.reason !== null) assert.equal(got.reason, told.answer.reason);
      else assert.match(told.answer.reason, /^(redirect|preflight)$/);
      const stops = told.steps.filter(({ verdict }) => verdict === 'stop');
      assert.ok(stops.length <= 1);
      for (const { status } of stops) assert.equal(status, got.status);
    }),
    { numRuns: 400, examples },
  );
  const wanted = [
    ...['bad-request', 'no-route', 'host-unknown', 'label-invalid', 'https-required', 'address-denied', 'rate-limited'],
    ...['preflight', 'ws-disabled', 'auth-required', 'body-too-large', 'redirect', 'no-backend', 'not-implemented'],
  ];
  assert.deepEqual(
    wanted.filter((reason) => !seen.has(reason)),
    [],
  );
});
