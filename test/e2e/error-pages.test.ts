import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { H2Client } from '../engine/h2/support/h2-client.ts';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { testFolder } from '../support/issuer-settings.ts';
import type { Answer } from '../support/proxy-process.ts';
import { secureProxy, standing } from '../support/secure-proxy.ts';

test('error pages by label, on real containers', async (t) => {
  const pages = testFolder(t);
  const proxy = await secureProxy(t, { FAIRLEAD_PAGES: pages });
  const cases = t.test.bind(t);
  const put = (name: string, text: string): void => {
    writeFileSync(join(pages, `.${name}`), text);
    renameSync(join(pages, `.${name}`), join(pages, name));
  };
  const site: RequestListener = (request, response) => {
    const found = request.url === '/' || request.url === '/errors/404.html';
    response.statusCode = found ? 200 : 404;
    response.setHeader('Content-Type', 'text/html');
    response.end(request.url === '/' ? 'home' : found ? 'their page of 404' : 'their own words');
  };
  const begin = async (inner: TestContext, labels: Record<string, string>) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const backend = await hostBackend(inner, engine, { labels: { 'proxy.host': host, ...labels }, answer: site });
    await proxy.backend(host, 'healthy');
    const name = (await backend.container.inspect()).Name.slice(1);
    const at = (path = '/', headers: Record<string, string> = {}) => proxy.get(host, path, { headers });
    const until = (what: string, path: string, wanted: (answer: Answer) => boolean) =>
      proxy.until(what, host, path, wanted);
    return { host, name, backend, at, until };
  };

  await cases('a limit shows its page, and says when to come again', async (inner) => {
    put('429.html', '<h1>slow down</h1>');
    const { at } = await begin(inner, { 'proxy.limit': '1/h', 'proxy.errors': '429 file:/pages/429.html' });
    assert.equal((await at()).body, 'home');
    const { status, body, headers, reason } = await at();
    assert.deepEqual([status, body, reason], [429, '<h1>slow down</h1>', 'rate-limited']);
    assert.ok(Number(headers['retry-after']) > 3_500);
    assert.equal(headers['ratelimit-policy'], '"limit";q=1;w=3600');
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    const json = await at('/', { accept: 'application/json' });
    assert.equal((JSON.parse(json.body) as { reason: string }).reason, 'rate-limited');
  });

  await cases('a 404 of the backend is its own, unless it is to be intercepted', async (inner) => {
    put('404.html', '<h1>lost?</h1>');
    const label = { 'proxy.errors': '404,5xx file:/pages/{status}.html' };
    put('502.html', '<h1>502</h1>');
    const [plain, intercepted] = [
      await begin(inner, label),
      await begin(inner, { ...label, 'proxy.path': '/shop', 'proxy.errors.intercept': 'true' }),
    ];
    assert.equal((await plain.at('/nowhere')).body, 'their own words');
    const { status, body, reason } = await intercepted.at('/shop/nowhere');
    assert.deepEqual([status, body, reason], [404, '<h1>lost?</h1>', null]);
    const explained = await proxy.explain(`http://${intercepted.host}/shop/nowhere`);
    const step = explained.steps.find((one) => one.step === 'errors');
    assert.match(step?.does ?? '', /404: the file \/pages\/404\.html; .*; also for what the backend answers/);
  });

  await cases('a backend that is down has its page, at the moment and for good', async (inner) => {
    put('50x.html', '<h1>down</h1>');
    const { at, backend, until } = await begin(inner, {
      'proxy.errors': '500-599 file:/pages/50x.html',
      'proxy.wait': '0',
    });
    assert.equal((await at()).body, 'home');
    backend.server.close();
    backend.server.closeAllConnections();
    const refused = await until('it refuses', '/', ({ status }) => status >= 500);
    assert.equal(refused.body, '<h1>down</h1>');
    assert.match(refused.reason ?? '', /^backend-/);
    await backend.container.stop({ t: 0 });
    const stopped = await until('it is not there', '/', ({ reason }) => reason === 'no-backend');
    assert.deepEqual([stopped.status, stopped.body], [503, '<h1>down</h1>']);
    assert.ok(Number(stopped.headers['retry-after']) > 0);
  });

  await cases('the page may be one of the backend', async (inner) => {
    const { at, backend } = await begin(inner, {
      'proxy.errors': '4xx /errors/{status}.html',
      'proxy.errors.intercept': 'true',
    });
    const { status, body, headers } = await at('/nowhere');
    assert.deepEqual([status, body], [404, 'their page of 404']);
    assert.equal(headers['content-type'], 'text/html');
    assert.deepEqual(
      backend.targets.filter((target) => target !== '/'),
      ['/nowhere', '/errors/404.html'],
    );
  });

  await cases('a page that is missing is told, and shown as soon as it is there, as it is then', async (inner) => {
    const { name, until } = await begin(inner, {
      'proxy.errors': '403 file:/pages/403.html',
      'proxy.deny': '127.0.0.1',
    });
    const built = await until('the built-in page stands in', '/', ({ status }) => status === 403);
    assert.match(built.body, /address-denied/);
    const problem = await proxy.problem(name, 'proxy.errors');
    assert.match(problem.expected, /a page at \/pages\/403\.html: it is not there/);
    assert.match(problem.suggestion, /FAIRLEAD_PAGES/);
    put('403.html', 'one {request_id}');
    const first = await until('the page is shown', '/', ({ body }) => body.startsWith('one'));
    assert.equal(first.body, `one ${first.headers['x-request-id']}`);
    assert.equal((await proxy.routes()).problems.find((one) => one.container === name)?.label, undefined);
    put('403.html', 'two');
    await until('the page has changed', '/', ({ body }) => body === 'two');
    rmSync(join(pages, '403.html'));
    await until('the built-in page is back', '/', ({ body }) => body.includes('address-denied'));
  });

  await cases('no label shows a file from outside the directory', async (inner) => {
    const outside = testFolder(inner);
    writeFileSync(join(outside, 'secret.html'), 'hunter2');
    symlinkSync(join(outside, 'secret.html'), join(pages, 'link.html'));
    symlinkSync(outside, join(pages, 'up'));
    for (const [source, why] of [
      [`file:${outside}/secret.html`, /not in the directory of FAIRLEAD_PAGES/],
      ['file:/pages/link.html', /leads out of its directory/],
      ['file:/pages/up/secret.html', /not there/],
      [`file:/pages/../${outside}/secret.html`, /without `\.\.`/],
      [`file:${proxy.dataDir}/admin-token`, /ends in \.html/],
    ] as const) {
      const { name, at } = await begin(inner, { 'proxy.errors': `403 ${source}`, 'proxy.deny': '127.0.0.1' });
      const { status, body } = await at();
      assert.equal(status, 403);
      assert.match(body, /address-denied/);
      assert.match((await proxy.problem(name, 'proxy.errors')).expected, why);
    }
  });

  await cases('HTTP/2 is shown the same pages', async (inner) => {
    put('404.html', '<h1>lost?</h1>');
    const { host } = await begin(inner, {
      'proxy.errors': '404 file:/pages/404.html',
      'proxy.errors.intercept': 'true',
    });
    await standing(proxy, host, 'valid');
    const ca = (await proxy.admin('/certs/root.pem')).body;
    const about = { ca, servername: host, rejectUnauthorized: true };
    const client = await H2Client.connect(inner, `https://127.0.0.1:${proxy.httpsPort}`, about);
    for (const [method, text] of [
      ['GET', '<h1>lost?</h1>'],
      ['HEAD', ''],
    ] as const) {
      const answer = await client.ask({ ':method': method, ':authority': host, ':path': '/nowhere' }, null).answer();
      assert.deepEqual([answer.status, answer.text], [404, text]);
      assert.equal(answer.fields[answer.fields.indexOf('content-length') + 1], '14');
    }
  });
});
