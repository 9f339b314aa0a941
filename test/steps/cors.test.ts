import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { readOriginList } from '../../src/labels/origin-list.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { corsPolicy } from '../../src/routing/cors-policy.ts';
import { allowedOrigins } from '../../src/steps/allowed-origins.ts';
import { cors } from '../../src/steps/cors.ts';
import { container } from '../routing/builders.ts';
import { fc } from '../support/properties.ts';
import { type ContextWish, stepContext } from './step-context.ts';

function policyOf(labels: Readonly<Record<string, string>>) {
  const { specs } = readLabels(container({ labels: { 'proxy.host': 'api.example.com', ...labels } }));
  const [spec] = specs;
  assert.ok(spec !== undefined);
  const policy = corsPolicy(spec.options);
  assert.ok(policy !== null);
  return policy;
}

/** What the step says in headers; `backend`: what the backend has said. */
function answered(
  labels: Readonly<Record<string, string>>,
  wish: ContextWish,
  backend: string[] = [],
): { readonly verdict: unknown; readonly headers: Record<string, string> } {
  const step = cors(policyOf(labels));
  const context = stepContext(wish);
  const verdict = step.request?.(context);
  const head = { status: 200, reason: '', headers: new FlatHeaderList(backend), bodyLength: 0 };
  step.response?.(context, head);
  const flat = head.headers.flat();
  const names = flat.filter((_, at) => at % 2 === 0);
  assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length, 'each header once');
  return { verdict, headers: Object.fromEntries(names.map((name, at) => [name, flat[at * 2 + 1] as string])) };
}

const app = 'https://app.example.com';
const from = (origin: string): ContextWish => ({ headers: ['Origin', origin] });
const preflight = (origin: string, method = 'PUT', headers: string[] = []): ContextWish => ({
  method: 'OPTIONS',
  headers: ['Origin', origin, 'Access-Control-Request-Method', method, ...headers],
});

test('who is named may read, and everybody is told that the answer depends on who asks', () => {
  const labels = { 'proxy.cors': `${app},https://two.example.com` };
  assert.deepEqual(answered(labels, from(app)).headers, { Vary: 'Origin', 'Access-Control-Allow-Origin': app });
  assert.deepEqual(answered(labels, from('https://evil.test')).headers, { Vary: 'Origin' });
  assert.deepEqual(answered(labels, {}).headers, { Vary: 'Origin' });
});

test('where every site may read, the answer is the same for all', () => {
  for (const wish of [{}, from(app), from('null')])
    assert.deepEqual(answered({ 'proxy.cors': '*' }, wish).headers, { 'Access-Control-Allow-Origin': '*' });
});

test('credentials are allowed to who is named, and to nobody else', () => {
  const labels = { 'proxy.cors': app, 'proxy.cors.credentials': 'true' };
  assert.equal(answered(labels, from(app)).headers['Access-Control-Allow-Credentials'], 'true');
  assert.equal(answered(labels, from('https://evil.test')).headers['Access-Control-Allow-Credentials'], undefined);
  const open = answered({ 'proxy.cors': '*', 'proxy.cors.credentials': 'true' }, from(app)).headers;
  assert.deepEqual(open, { 'Access-Control-Allow-Origin': '*' });
});

test('a preflight is answered in the place of the backend, with what the labels allow', () => {
  const labels = { 'proxy.cors': `${app} methods=GET,PUT headers=Content-Type,X-Token maxage=1h credentials=true` };
  const { verdict, headers } = answered(labels, preflight(app));
  assert.deepEqual(verdict, { kind: 'no-content' });
  assert.deepEqual(headers, {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': app,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Allow-Methods': 'GET, PUT',
    'Access-Control-Allow-Headers': 'Content-Type, X-Token',
    'Access-Control-Max-Age': '3600',
  });
});

test('a preflight from elsewhere is answered too, and allows nothing', () => {
  const { verdict, headers } = answered({ 'proxy.cors': app }, preflight('https://evil.test'));
  assert.deepEqual(verdict, { kind: 'no-content' });
  assert.deepEqual(headers, { Vary: 'Origin' });
});

test('an OPTIONS that is no preflight goes to the backend', () => {
  for (const headers of [
    [],
    ['Origin', app],
    ['Access-Control-Request-Method', 'PUT'],
    ['Origin', app, 'Origin', app, 'Access-Control-Request-Method', 'PUT'],
  ])
    assert.equal(answered({ 'proxy.cors': app }, { method: 'OPTIONS', headers }).verdict, undefined);
  const get = { ...preflight(app), method: 'GET' };
  assert.equal(answered({ 'proxy.cors': app }, get).verdict, undefined);
});

test('an asterisk for methods and headers stands as it is, but with credentials for what is asked', () => {
  const all = 'methods=* headers=*';
  const asked = preflight(app, 'PATCH', ['Access-Control-Request-Headers', 'x-a, x-b,bad name']);
  const open = answered({ 'proxy.cors': `* ${all}` }, asked).headers;
  assert.equal(open['Access-Control-Allow-Methods'], '*');
  assert.equal(open['Access-Control-Allow-Headers'], '*');
  const named = answered({ 'proxy.cors': `${app} credentials=true ${all}` }, asked).headers;
  assert.equal(named['Access-Control-Allow-Methods'], 'PATCH');
  assert.equal(named['Access-Control-Allow-Headers'], 'x-a, x-b');
});

test('what the backend says of it is replaced, but for what it exposes', () => {
  const backend = [
    ...['access-control-allow-origin', '*', 'Access-Control-Allow-Origin', 'https://evil.test'],
    ...['Access-Control-Allow-Credentials', 'true', 'Access-Control-Allow-Methods', 'DELETE'],
    ...['Access-Control-Allow-Headers', 'X', 'Access-Control-Max-Age', '1'],
    ...['Access-Control-Expose-Headers', 'X-Total'],
  ];
  assert.deepEqual(answered({ 'proxy.cors': app }, from(app), [...backend]).headers, {
    'Access-Control-Expose-Headers': 'X-Total',
    Vary: 'Origin',
    'Access-Control-Allow-Origin': app,
  });
  assert.deepEqual(answered({ 'proxy.cors': app }, from('https://evil.test'), [...backend]).headers, {
    Vary: 'Origin',
  });
});

test('Vary keeps what the backend says, in one line', () => {
  const labels = { 'proxy.cors': app };
  const vary = (...values: string[]) =>
    answered(
      labels,
      {},
      values.flatMap((value) => ['Vary', value]),
    ).headers.Vary;
  assert.equal(vary('Accept-Encoding', 'Cookie'), 'Accept-Encoding, Cookie, Origin');
  assert.equal(vary('accept, ORIGIN'), 'accept, ORIGIN');
  assert.equal(vary('*'), '*');
});

test('who asks is known also where a label has edited it away, and where the request was refused before', () => {
  const step = cors(policyOf({ 'proxy.cors': app }));
  const context = stepContext(from(app));
  const answer = () => {
    const head = { status: 429, reason: '', headers: new FlatHeaderList(), bodyLength: 0 };
    step.response?.(context, head);
    return head.headers.get('access-control-allow-origin');
  };
  assert.equal(answer(), app);
  step.request?.(context);
  context.request.headers.delete('origin');
  assert.equal(answer(), app);
});

test('a preflight that was refused before is not told what it may ask', () => {
  const step = cors(policyOf({ 'proxy.cors': app }));
  const head = { status: 429, reason: '', headers: new FlatHeaderList(), bodyLength: 0 };
  step.response?.(stepContext(preflight(app)), head);
  assert.deepEqual(head.headers.flat(), ['Vary', 'Origin', 'Access-Control-Allow-Origin', app]);
});

test('names below are allowed at any depth, with the same scheme and port', () => {
  const isAllowed = allowedOrigins(['https://*.example.com', 'http://*.test:8080']);
  for (const origin of ['https://a.example.com', 'https://a.b-c.example.com', 'http://a.test:8080'])
    assert.ok(isAllowed(origin), origin);
  for (const origin of [
    'https://example.com',
    'http://a.example.com',
    'https://a.example.com:8443',
    'https://evilexample.com',
    'https://.example.com',
    'https://a..example.com',
    'https://evil.test/.example.com',
    'https://evil.test#.example.com',
    'https://evil.test:1.example.com',
    'https://a@b.example.com',
    'https://a b.example.com',
    'https://A.example.com',
    'http://a.test',
    'null',
    '',
    `https://${'a.'.repeat(200)}example.com`,
  ])
    assert.ok(!isAllowed(origin), origin);
});

const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}[a-z0-9]$/);
const name = fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => labels.join('.'));
const scheme = fc.constantFrom('http', 'https');
const port = fc.constantFrom('', ':80', ':443', ':8080');

test('an origin of a label allows what browsers make of it, and nothing that they make of another', () => {
  fc.assert(
    fc.property(scheme, name, port, fc.boolean(), scheme, name, port, (own, host, at, below, other, foreign, where) => {
      const { value } = readOriginList(`${own}://${below ? '*.' : ''}${host}${at}`, '');
      assert.ok(value !== undefined);
      const isAllowed = allowedOrigins(value);
      const sent = new URL(`${own}://${below ? 'x.' : ''}${host}${at}`).origin;
      assert.ok(isAllowed(sent));
      const elsewhere = new URL(`${other}://${foreign}${where}`);
      const ours = new URL(`${own}://${host}${at}`);
      const same =
        elsewhere.protocol === ours.protocol &&
        elsewhere.port === ours.port &&
        (below ? elsewhere.hostname.endsWith(`.${ours.hostname}`) : elsewhere.hostname === ours.hostname);
      assert.equal(isAllowed(elsewhere.origin), same);
    }),
    { numRuns: 1_000 },
  );
});

test('whoever asks and however, a site that is not named is never allowed, nor is what it sends repeated', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 30 }),
    name.map((host) => `https://${host}`),
    fc.constant('null'),
  );
  fc.assert(
    fc.property(text, text, fc.constantFrom('GET', 'OPTIONS'), (origin, asked, method) => {
      const wish = {
        method,
        headers: ['Origin', origin, 'Access-Control-Request-Method', asked, 'Access-Control-Request-Headers', asked],
      };
      const { headers } = answered({ 'proxy.cors': `${app} credentials=true headers=* methods=*` }, wish);
      if (origin !== app) assert.deepEqual(headers, { Vary: 'Origin' });
    }),
  );
});
