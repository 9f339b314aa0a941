import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { scryptHash } from '../../src/auth/scrypt-hash.ts';
import { H2Client } from '../engine/h2/support/h2-client.ts';
import { addressOf, eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { ask } from '../support/proxy-process.ts';
import { rawClient } from '../support/raw-client.ts';
import { secureProxy, standing } from '../support/secure-proxy.ts';

const basic = (user: string, password: string) => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

test('what protects a route keeps out who is not meant, by labels on real containers', async (t) => {
  // Two workers, which limit together; whoever comes from here speaks for others.
  const proxy = await secureProxy(t, { FAIRLEAD_TRUSTED: '127.0.0.1' });
  const cases = t.test.bind(t);
  const dir = mkdtempSync(join(tmpdir(), 'fl-guards-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));

  /** A container that serves `/` and what `paths` says, behind these labels. */
  const begin = async (inner: TestContext, labels: Record<string, string>, paths = '') => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const container = await engine.container({
      labels: { 'proxy.host': host, ...labels },
      env: { NAME: 'let in', PATHS: paths },
    });
    await proxy.backend(host, 'healthy');
    // Asked past the proxy: what it lets through is counted.
    const address = await addressOf(container);
    await eventually('its server listens', () => ask(3000, '/', { address }).catch(() => undefined));
    return { engine, host, container, name: (await container.inspect()).Name.slice(1) };
  };
  /** The same with an answer of the test's own. */
  const beginHere = async (inner: TestContext, labels: Record<string, string>, answer: RequestListener) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const backend = await hostBackend(inner, engine, { labels: { 'proxy.host': host, ...labels }, answer });
    await proxy.backend(host, 'healthy');
    return { host, backend };
  };
  const file = (name: string, content: string): string => {
    const path = join(dir, name);
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
    return path;
  };
  const statusOf = async (host: string, headers: Record<string, string> = {}, path = '/') =>
    (await proxy.get(host, path, { headers })).status;

  await cases('addresses that are not allowed, or denied, are 403, real client addresses that is', async (inner) => {
    const { host } = await begin(inner, { 'proxy.allow': '198.51.100.0/24, private', 'proxy.deny': '198.51.100.9' });
    assert.equal(await statusOf(host), 200);
    assert.equal(await statusOf(host, { 'X-Forwarded-For': '198.51.100.1' }), 200);
    assert.equal(await statusOf(host, { 'X-Forwarded-For': '203.0.113.1' }), 403);
    const denied = await proxy.get(host, '/', { headers: { 'X-Forwarded-For': '198.51.100.9' } });
    assert.deepEqual([denied.status, denied.reason], [403, 'address-denied']);
    assert.doesNotMatch(denied.body, /let in/);
  });

  await cases(
    'a list in a file counts as it is now, and the route is closed while it cannot be read',
    async (inner) => {
      const path = file('office', '198.51.100.0/24 # the office\n');
      const { host, name } = await begin(inner, { 'proxy.allow': `@${path}` });
      const from = (address: string) => statusOf(host, { 'X-Forwarded-For': address });
      assert.deepEqual([await from('198.51.100.1'), await from('203.0.113.1')], [200, 403]);
      file('office', '203.0.113.0/24\n');
      // Each worker takes the new table in its own time.
      await eventually('the list has changed', async () => {
        const [former, present] = [await from('198.51.100.1'), await from('203.0.113.1')];
        return former === 403 && present === 200;
      });
      rmSync(path);
      const closed = await proxy.until('the route is closed', host, '/', ({ status }) => status === 503);
      assert.equal(closed.reason, 'label-invalid');
      assert.match((await proxy.problem(name, 'proxy.allow')).expected, /it is not there/);
    },
  );

  await cases('a burst comes at once, then 429, whichever worker is asked and whatever tables come', async (inner) => {
    const labels = { 'proxy.limit': '1/h burst=4', 'proxy.login.path': '/login', 'proxy.login.limit': '1/h burst=0' };
    const { engine, host } = await begin(inner, labels, '/login');
    const from = { 'X-Forwarded-For': '198.51.100.1' };
    for (let i = 0; i < 5; i++) assert.equal(await statusOf(host, from), 200);
    for (let i = 0; i < 8; i++) assert.equal(await statusOf(host, from), 429);
    const { headers, reason } = await proxy.get(host, '/', { headers: from });
    assert.equal(reason, 'rate-limited');
    assert.ok(Number(headers['retry-after']) > 3_500);
    assert.equal(headers['ratelimit-policy'], '"limit";q=1;w=3600');
    assert.match(String(headers.ratelimit), /^"limit";r=0;t=1[78]\d\d\d$/);
    assert.equal(await statusOf(host, { 'X-Forwarded-For': '198.51.100.2' }), 200);
    // A named route has its own buckets.
    assert.equal(await statusOf(host, from, '/login/'), 200);
    assert.equal(await statusOf(host, from, '/login/'), 429);
    await engine.container({ labels: { 'proxy.host': host, 'proxy.limit': '1/h burst=4' } });
    const version = await eventually('there are two', async () => {
      const { routes, version } = await proxy.routes();
      return routes.some((route) => route.host === host && route.pool.backends.length === 2) && version;
    });
    await eventually('the workers know', async () => (await proxy.status()).dataPlane.tableVersion >= version);
    assert.equal(await statusOf(host, from), 429);
  });

  await cases('where the route says so, requests beyond the rate wait for their turn', async (inner) => {
    const { host } = await begin(inner, { 'proxy.limit': '20/s burst=3 delay=true key=host' });
    const answers = await Promise.all([1, 2, 3, 4].map(() => statusOf(host)));
    assert.deepEqual(answers, [200, 200, 200, 200]);
  });

  await cases('a body that is too large is 413, with a length or without', async (inner) => {
    const seen: string[] = [];
    const { host } = await beginHere(inner, { 'proxy.maxbody': '1k' }, (request, response) => {
      void text(request).then(
        (body) => {
          seen.push(body);
          response.end(String(body.length));
        },
        () => {},
      );
    });
    const post = (size: number) => proxy.get(host, '/', { method: 'POST', body: 'x'.repeat(size) });
    assert.deepEqual([(await post(1_024)).status, (await post(1_025)).status], [200, 413]);
    const client = await rawClient(inner, proxy.httpPort);
    const chunk = `200\r\n${'x'.repeat(512)}\r\n`;
    client.write(`POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}${chunk}`);
    client.write(chunk);
    assert.match(await client.head(), /^HTTP\/1.1 413 [\s\S]*details=body-too-large/);
    assert.deepEqual(
      seen.map(({ length }) => length),
      [1_024],
    );
  });

  await cases('a password lets in, in every form that htpasswd knows, and is seen nowhere', async (inner) => {
    const openssl = (args: string[], input = ''): Buffer => execFileSync('openssl', args, { input });
    const apr1 = openssl(['passwd', '-apr1', 'secret-a']).toString().trim();
    const sha = openssl(['dgst', '-sha1', '-binary'], 'secret-s').toString('base64');
    const lines = ['# staff', `b:${await bcrypt('secret-b', 5)}`, `a:${apr1}`, `s:{SHA}${sha}`];
    const path = file('users', `${lines.join('\n')}\n`);
    const labels = { 'proxy.auth': 'basic realm=Staff except=/public,=/robots.txt', 'proxy.auth.users': `@${path}` };
    const { host } = await begin(inner, labels, '/public');
    const asked = await proxy.get(host);
    assert.deepEqual([asked.status, asked.reason], [401, 'auth-required']);
    assert.equal(asked.headers['www-authenticate'], 'Basic realm="Staff", charset="UTF-8"');
    for (const user of ['b', 'a', 's']) {
      assert.equal(await statusOf(host, { authorization: basic(user, `secret-${user}`) }), 200, user);
      assert.equal(await statusOf(host, { authorization: basic(user, 'secret') }), 401, user);
    }
    assert.equal(await statusOf(host, {}, '/public/'), 200);
    // Who is struck off is out, remembered or not.
    file('users', `c:${await bcrypt('secret-c', 5)}\n`);
    const as = (user: string) => statusOf(host, { authorization: basic(user, `secret-${user}`) });
    await eventually('the users have changed', async () => (await as('b')) === 401 && (await as('c')) === 200);
    const shown = [
      proxy.stdout,
      (await proxy.admin('/routes')).body,
      (await proxy.admin(`/explain?url=http://${host}/`)).body,
    ];
    shown.push((await proxy.admin('/', { headers: { accept: 'text/html' } })).body);
    for (const page of shown) assert.doesNotMatch(page, /secret-[abcs]|\$2[aby]\$|\$apr1|\{SHA\}/);
  });

  await cases(
    'an entry of `fairlead hash` stands in the label as it is, and the backend is told who it is',
    async (inner) => {
      const labels = {
        'proxy.auth': 'basic headers=Remote-User',
        'proxy.auth.users': `alice:${await scryptHash('x')}`,
      };
      const { host } = await beginHere(inner, labels, mirror);
      const answer = await proxy.get(host, '/', {
        headers: { authorization: basic('alice', 'x'), 'Remote-User': 'root' },
      });
      const told = JSON.parse(answer.body) as Record<string, string>;
      assert.deepEqual([told['remote-user'], told.authorization], ['alice', undefined]);
      assert.equal(await statusOf(host, { 'Remote-User': 'root' }), 401);
    },
  );

  await cases('another server decides, and while it is away nobody comes in', async (inner) => {
    const questions: IncomingMessage[] = [];
    const { host: unused, backend: server } = await beginHere(inner, {}, (request, response) => {
      questions.push(request);
      if (request.headers.cookie === 'session=1') response.setHeader('Remote-User', 'alice').end();
      else response.writeHead(302, { location: 'https://auth.test/' }).end();
    });
    assert.ok(unused);
    const { port } = server.server.address() as { port: number };
    const labels = { 'proxy.auth': `forward:http://127.0.0.1:${port}/verify headers=Remote-User` };
    const { host } = await beginHere(inner, labels, mirror);
    const sent = await proxy.get(host, '/a?b', { method: 'POST', body: 'x', headers: { 'Remote-User': 'root' } });
    assert.deepEqual([sent.status, sent.headers.location], [302, 'https://auth.test/']);
    const { url, method, headers } = questions[0] as IncomingMessage;
    assert.deepEqual([method, url], ['GET', '/verify']);
    assert.deepEqual([headers['x-forwarded-uri'], headers['x-forwarded-method']], ['/a?b', 'POST']);
    assert.deepEqual([headers['x-forwarded-host'], headers['remote-user']], [host, undefined]);
    const told = await proxy.get(host, '/', { headers: { cookie: 'session=1', 'Remote-User': 'root' } });
    assert.equal((JSON.parse(told.body) as Record<string, string>)['remote-user'], 'alice');
    server.server.close();
    server.server.closeAllConnections();
    const closed = await proxy.get(host, '/', { headers: { cookie: 'session=1' } });
    assert.deepEqual([closed.status, closed.reason], [503, 'auth-unavailable']);
  });

  await cases('all of it holds over HTTP/2', async (inner) => {
    const labels = {
      'proxy.deny': '198.51.100.9',
      'proxy.maxbody': '1k',
      'proxy.auth': 'basic',
      'proxy.auth.users': `alice:${await scryptHash('x')}`,
      'proxy.limit': '1/h burst=4 key=header:X-Key',
    };
    const { host } = await beginHere(
      inner,
      labels,
      (request, response) => void request.resume().on('end', () => response.end('let in')),
    );
    await standing(proxy, host, 'valid');
    const ca = (await proxy.admin('/certs/root.pem')).body;
    const url = `https://127.0.0.1:${proxy.httpsPort}`;
    const client = await H2Client.connect(inner, url, { ca, servername: host, rejectUnauthorized: true });
    const authorization = basic('alice', 'x');
    const answerTo = async (headers: Record<string, string>, body: string | null = null) => {
      const { status, fields } = await client.ask({ ':authority': host, ':path': '/', ...headers }, body).answer();
      return [status, /details=([\w-]+)/.exec(fields.join())?.[1]];
    };
    assert.deepEqual(await answerTo({ 'x-key': '1', authorization }), [200, undefined]);
    assert.deepEqual(await answerTo({ 'x-key': '2' }), [401, 'auth-required']);
    assert.deepEqual(await answerTo({ 'x-key': '3', 'x-forwarded-for': '198.51.100.9' }), [403, 'address-denied']);
    const upload = client.ask({ ':authority': host, ':path': '/', ':method': 'POST', 'x-key': '4', authorization });
    upload.stream.write('x'.repeat(1_000));
    upload.stream.write('x'.repeat(1_000));
    const { status, fields } = await upload.head;
    assert.deepEqual([status, fields.join().includes('body-too-large')], [413, true]);
    for (let i = 0; i < 5; i++) await answerTo({ 'x-key': '5', authorization });
    assert.deepEqual(await answerTo({ 'x-key': '5', authorization }), [429, 'rate-limited']);
  });
});

/** Answers with the headers that came. */
const mirror: RequestListener = (request, response) => {
  request.resume().on('end', () => response.end(JSON.stringify(request.headers)));
};
