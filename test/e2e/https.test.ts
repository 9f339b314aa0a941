import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { secureGet, secureGetOnce, secureProxy, standing } from '../support/secure-proxy.ts';

test('hosts with certificates of the internal CA', async (t) => {
  const proxy = await secureProxy(t);
  const rootOf = async () => (await proxy.admin('/certs/root.pem')).body;
  /** A site that answers with its own name. */
  const begin = async (inner: TestContext, labels: Readonly<Record<string, string>> = {}) => {
    const engine = testEngine(inner);
    const host = `app.${engine.mark}.test`;
    const answer = (_: unknown, response: { end(text: string): unknown }) => void response.end(host);
    const { server } = await hostBackend(inner, engine, { labels: { 'proxy.host': host, ...labels }, answer });
    await standing(proxy, host, 'valid');
    await secureGet(proxy.httpsPort, host, { ca: await rootOf() });
    return { host, server };
  };

  await t.test('a local name is served over HTTPS, and the admin API gives the root', async (inner) => {
    const { host } = await begin(inner);
    const answer = await secureGet(proxy.httpsPort, host, { ca: await rootOf() });
    assert.deepEqual([answer.status, answer.body], [200, host]);
    assert.equal(answer.certificate.subjectaltname, `DNS:${host}`);
    // Nobody asked for it, so nobody is sent there.
    assert.equal((await proxy.get(host)).status, 200);
    assert.equal((await proxy.explain(`http://${host}/`)).answer, null);
  });

  await t.test(
    '`proxy.tls=internal` sends plain requests to HTTPS, URI kept, to the port that listens',
    async (inner) => {
      const { host } = await begin(inner, { 'proxy.tls': 'internal' });
      const sent = await proxy.until('it redirects', host, '/a?b=c', ({ status }) => status === 301);
      assert.equal(sent.headers.location, `https://${host}/a?b=c`);
      assert.equal((await proxy.explain(`http://${host}/`)).answer?.status, 301);
      assert.equal((await proxy.get(`${host}:8080`, '/', { method: 'POST' })).status, 308);
      assert.equal((await proxy.get(`${host}:8080`)).headers.location, `https://${host}:${proxy.httpsPort}/`);
    },
  );

  await t.test(
    'an unknown name fails the handshake, a host that the certificate is not for gets 421',
    async (inner) => {
      const [one, other] = [await begin(inner), await begin(inner)];
      const ca = await rootOf();
      const nobody = secureGetOnce(proxy.httpsPort, `nobody.${testEngine(inner).mark}.test`, { ca });
      await assert.rejects(nobody, /unrecognized name/);
      const answer = await secureGet(proxy.httpsPort, one.host, { ca, host: other.host });
      assert.equal(answer.status, 421);
      assert.match(String(answer.headers['proxy-status']), /details=misdirected/);
    },
  );

  await t.test('a WebSocket goes over TLS', async (inner) => {
    const { host, server } = await begin(inner);
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
    // Passed on to tls.connect; the types know of fewer.
    const options = { ca: await rootOf(), servername: host, headers: { host } } as ClientOptions;
    const socket = new WebSocket(`wss://127.0.0.1:${proxy.httpsPort}/`, options);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    socket
      .on('message', (data) => resolve(String(data)))
      .on('error', reject)
      .on('open', () => socket.send('hello'));
    assert.equal(await promise, 'echo hello');
    socket.close();
  });
});

test('where unknown hosts are answered, they are answered over TLS too', async (t) => {
  const proxy = await secureProxy(t, { FAIRLEAD_UNKNOWN_HOST: '404' });
  const socket = connect({
    host: '127.0.0.1',
    port: proxy.httpsPort,
    servername: 'nobody.test',
    rejectUnauthorized: false,
  });
  socket.write('GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  assert.match(text, /^HTTP\/1.1 404 Not Found\r\n.*details=host-unknown/s);
});
