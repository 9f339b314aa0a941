import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { command } from '../../scripts/command.ts';
import { H2Client } from '../engine/h2/support/h2-client.ts';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { testFolder } from '../support/issuer-settings.ts';
import { secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

const requests = 10_000;

test('HTTP/2, to backends that know nothing of it', async (t) => {
  const proxy = await secureProxy(t, { FAIRLEAD_ACCESS_LOG: 'off', FAIRLEAD_WORKERS: '1' });
  const port = proxy.httpsPort;
  const begin = async (inner: TestContext, answer: RequestListener, labels: Readonly<Record<string, string>> = {}) => {
    const host = `app.${testEngine(inner).mark}.test`;
    const { server } = await hostBackend(inner, testEngine(inner), {
      labels: { 'proxy.host': host, ...labels },
      answer,
    });
    await standing(proxy, host, 'valid');
    const ca = (await proxy.admin('/certs/root.pem')).body;
    assert.equal((await secureGet(port, host, { ca })).status, 200);
    return { host, server, ca };
  };
  const connect = (inner: TestContext, { host, ca }: { host: string; ca: string }) =>
    H2Client.connect(inner, `https://127.0.0.1:${port}`, { ca, servername: host, rejectUnauthorized: true });
  const fieldOf = (fields: readonly string[], name: string) => fields[fields.indexOf(name) + 1];

  await t.test('curl speaks it, and HTTP/1.1 on the same port', async (inner) => {
    const { host, ca } = await begin(inner, (_, response) => response.end('site'));
    const file = join(testFolder(inner), 'root.pem');
    writeFileSync(file, ca);
    const curl = (version: string) =>
      command('curl', [
        ...['--silent', '--show-error', '--max-time', '20', version, '--cacert', file],
        ...['--connect-to', `${host}:443:127.0.0.1:${port}`, '--write-out', ' %{http_version} %{http_code}'],
        `https://${host}/`,
      ]);
    assert.equal(await curl('--http2'), 'site 2 200');
    assert.equal(await curl('--http1.1'), 'site 1.1 200');
  });

  await t.test('a backend learns who asked for what, as over HTTP/1.1', async (inner) => {
    const mirror: RequestListener = (request, response) => {
      void text(request).then((body) => {
        const { method, url, httpVersion, headers } = request;
        response.end(JSON.stringify({ method, url, httpVersion, headers, body }));
      });
    };
    const at = await begin(inner, mirror);
    const client = await connect(inner, at);
    const asked = ['/one?a=b', '/two'].map((path) =>
      client.ask(
        { ':method': 'POST', ':authority': at.host, ':path': path, cookie: ['a=1', 'b=2'] },
        `body of ${path}`,
      ),
    );
    const seen = (await Promise.all(asked.map((one) => one.answer()))).map((one) => JSON.parse(one.text));
    assert.deepEqual(
      seen.map(({ method, url, httpVersion, body }) => [method, url, httpVersion, body]),
      [
        ['POST', '/one?a=b', '1.1', 'body of /one?a=b'],
        ['POST', '/two', '1.1', 'body of /two'],
      ],
    );
    const { headers } = seen[0] as IncomingMessage;
    assert.equal(headers.host, at.host);
    assert.equal(headers.cookie, 'a=1; b=2');
    assert.deepEqual([headers['x-forwarded-proto'], headers['x-forwarded-port']], ['https', String(port)]);
  });

  await t.test('a path is rewritten, as over HTTP/1.1', async (inner) => {
    const labels = { 'proxy.rewrite': '^/old/(.*) -> /new/$1' };
    const at = await begin(inner, (request, response) => response.end(request.url), labels);
    const client = await connect(inner, at);
    assert.equal((await client.ask({ ':authority': at.host, ':path': '/old/a?b' }, null).answer()).text, '/new/a?b');
  });

  await t.test('a WebSocket in a stream, beside other streams', async (inner) => {
    const at = await begin(inner, (_, response) => response.end('site'));
    new WebSocketServer({ server: at.server }).on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`echo ${data}`)),
    );
    const client = await connect(inner, at);
    assert.equal(client.session.remoteSettings.enableConnectProtocol, true);
    const tunnel = client.ask({
      ...{ ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'https', ':authority': at.host, ':path': '/' },
      'sec-websocket-version': '13',
    });
    assert.equal((await tunnel.head).status, 200);
    tunnel.stream.write(maskedText('hello'));
    await tunnel.until('echo hello');
    assert.equal((await client.ask({ ':authority': at.host, ':path': '/' }, null).answer()).text, 'site');
    tunnel.stream.write(maskedText('again'));
    await tunnel.until('echo again');
  });

  await t.test('trailers in both directions, as gRPC has them', async (inner) => {
    const at = await begin(inner, (request, response) => {
      if (request.method === 'GET') return response.end();
      void text(request).then((body) => {
        response.writeHead(200, { 'Content-Type': 'application/grpc', Trailer: 'grpc-status' });
        response.write(`${body} ${request.headers.te} ${request.trailers['x-sum']}`);
        response.addTrailers({ 'grpc-status': '0' });
        response.end();
      });
    });
    const client = await connect(inner, at);
    const call = client.session.request(
      { ':method': 'POST', ':authority': at.host, ':path': '/svc/Call', te: 'trailers', trailer: 'x-sum' },
      { waitForTrailers: true } as object,
    );
    call.on('wantTrailers', () => call.sendTrailers({ 'x-sum': '7' }));
    const trailers = new Promise((resolve) => call.on('trailers', resolve));
    call.end('message');
    assert.equal(await text(call), 'message trailers 7');
    assert.equal(((await trailers) as Record<string, string>)['grpc-status'], '0');
  });

  await t.test(
    'a request for a host that the certificate is not for gets 421, and the connection goes on',
    async (inner) => {
      const [one, other] = [await begin(inner, (_, r) => r.end('one')), await begin(inner, (_, r) => r.end('other'))];
      const client = await connect(inner, one);
      const astray = await client.ask({ ':authority': other.host, ':path': '/' }, null).answer();
      assert.equal(astray.status, 421);
      assert.match(fieldOf(astray.fields, 'proxy-status') ?? '', /details=misdirected/);
      assert.equal((await client.ask({ ':authority': one.host, ':path': '/' }, null).answer()).text, 'one');
    },
  );

  await t.test('a backend that breaks off in the middle is visibly cut, and its neighbours are not', async (inner) => {
    const at = await begin(inner, (request, response) => {
      if (request.url !== '/cut') return response.end('whole');
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setImmediate(() => response.destroy());
    });
    const client = await connect(inner, at);
    const [cut, whole] = ['/cut', '/'].map((path) => client.ask({ ':authority': at.host, ':path': path }, null));
    const internalError = 2;
    assert.equal(await cut?.closed, internalError);
    assert.equal((await whole?.answer())?.text, 'whole');
  });

  await t.test(`h2load asks ${requests} times on ten connections, and none fails`, async (inner) => {
    const { host } = await begin(inner, (_, response) => response.end('site'));
    const out = await command(
      'h2load',
      ['-n', String(requests), '-c', '10', '-m', '10', '--connect-to', `127.0.0.1:${port}`, `https://${host}/`],
      { timeoutMs: 100_000 },
    );
    assert.match(out, new RegExp(`${requests} succeeded, 0 failed, 0 errored, 0 timeout`));
    assert.match(out, new RegExp(`^status codes: ${requests} 2xx`, 'm'));
    assert.match(out, /^Application protocol: h2$/m);
  });
});

/** A frame as clients send it (RFC 6455 §5.3), with a mask of zeros. */
function maskedText(words: string): Buffer {
  return Buffer.concat([Buffer.of(0x81, 0x80 | words.length, 0, 0, 0, 0), Buffer.from(words)]);
}
