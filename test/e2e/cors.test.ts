import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { H2Client } from '../engine/h2/support/h2-client.ts';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { secureProxy, standing } from '../support/secure-proxy.ts';

const app = 'https://app.example.com';
const preflight = { origin: app, 'access-control-request-method': 'PUT', 'access-control-request-headers': 'x-token' };

test('scripts of other sites, by labels on real containers', async (t) => {
  const proxy = await secureProxy(t);
  const begin = async (inner: TestContext, labels: Record<string, string>) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const backend = await hostBackend(inner, engine, {
      labels: { 'proxy.host': host, 'proxy.http': 'serve', ...labels },
      answer: (request, response) => {
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.setHeader('Vary', 'Accept-Language');
        response.end(`${request.method} ${request.url}`);
      },
    });
    await proxy.backend(host, 'healthy');
    return { host, backend, name: (await backend.container.inspect()).Name.slice(1) };
  };
  const labels = {
    'proxy.cors': 'https://*.example.com methods=GET,PUT headers=X-Token credentials=true maxage=5m',
    'proxy.auth': 'basic',
    'proxy.auth.users': 'alice:{SHA}EfatjsUqKYSrqv18O1FlA3hcIHI=',
  };
  const password = { authorization: `Basic ${Buffer.from('alice:x').toString('base64')}` };

  await t.test('a preflight is answered without a password, and what follows is for who is named', async (inner) => {
    const { host, backend } = await begin(inner, labels);
    const asked = await proxy.get(host, '/a', { method: 'OPTIONS', headers: preflight });
    assert.equal(asked.status, 204);
    assert.equal(asked.body, '');
    assert.equal(asked.headers['access-control-allow-origin'], app);
    assert.equal(asked.headers['access-control-allow-methods'], 'GET, PUT');
    assert.equal(asked.headers['access-control-allow-headers'], 'X-Token');
    assert.equal(asked.headers['access-control-allow-credentials'], 'true');
    assert.equal(asked.headers['access-control-max-age'], '300');
    const seen = async (headers: Record<string, string>) => {
      const { status, headers: answer } = await proxy.get(host, '/a', { headers });
      return [status, answer['access-control-allow-origin'], answer.vary];
    };
    assert.deepEqual(await seen({ origin: app, ...password }), [200, app, 'Accept-Language, Origin']);
    assert.deepEqual(await seen({ origin: app }), [401, app, 'Origin']);
    assert.deepEqual(await seen({ origin: 'https://evil.test', ...password }), [
      200,
      undefined,
      'Accept-Language, Origin',
    ]);
    assert.deepEqual(backend.targets, ['/a', '/a']);
  });

  await t.test('the same over HTTP/2', async (inner) => {
    const { host, backend } = await begin(inner, labels);
    await standing(proxy, host, 'valid');
    const ca = (await proxy.admin('/certs/root.pem')).body;
    const url = `https://127.0.0.1:${proxy.httpsPort}`;
    const client = await H2Client.connect(inner, url, { ca, servername: host, rejectUnauthorized: true });
    const ask = async (headers: Record<string, string>) => {
      const { status, fields, text } = await client
        .ask({ ':authority': host, ':path': '/', ...headers }, null)
        .answer();
      const field = (name: string) => fields[fields.indexOf(name) + 1];
      assert.equal(fields.filter((name) => name === 'access-control-allow-origin').length, 1);
      return [status, field('access-control-allow-origin'), field('vary'), text];
    };
    assert.deepEqual(await ask({ ':method': 'OPTIONS', ...preflight }), [204, app, 'Origin', '']);
    assert.deepEqual(await ask({ origin: app, ...password }), [200, app, 'Accept-Language, Origin', 'GET /']);
    assert.deepEqual((await ask({ origin: app })).slice(0, 3), [401, app, 'Origin']);
    assert.deepEqual(backend.targets, ['/']);
  });

  await t.test('credentials for every site are a problem that is told, and are not allowed', async (inner) => {
    const { host, name } = await begin(inner, { 'proxy.cors': '*', 'proxy.cors.credentials': 'true' });
    const problem = await proxy.problem(name, 'proxy.cors.credentials');
    assert.equal(problem.severity, 'error');
    assert.match(
      problem.expected,
      /^origins by name, such as proxy\.cors=https:\/\/app\.example\.com: with \* any site/,
    );
    const { headers } = await proxy.get(host, '/', { headers: { origin: app } });
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal(headers['access-control-allow-credentials'], undefined);
  });
});
