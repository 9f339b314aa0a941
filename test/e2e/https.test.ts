import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { secureGet, secureProxy, standing } from '../support/secure-proxy.ts';

test('a local name is served over HTTPS by the internal CA, whose root the admin API gives', async (t) => {
  const engine = testEngine(t);
  const proxy = await secureProxy(t);
  const host = `app.${engine.mark}.test`;
  await hostBackend(t, engine, { labels: { 'proxy.host': host }, answer: (_, response) => response.end('secret') });
  await standing(proxy, host, 'valid');
  const ca = (await proxy.admin('/certs/root.pem')).body;
  const answer = await secureGet(proxy.httpsPort, host, { ca });
  assert.deepEqual([answer.status, answer.body], [200, 'secret']);
  assert.equal(answer.certificate.subjectaltname, `DNS:${host}`);
  // Nobody asked for it, so nobody is sent there.
  assert.equal((await proxy.get(host)).status, 200);
});

test('`proxy.tls=internal` sends plain requests to HTTPS, URI kept, and to the port that listens', async (t) => {
  const engine = testEngine(t);
  const proxy = await secureProxy(t);
  const host = `app.${engine.mark}.test`;
  const labels = { 'proxy.host': host, 'proxy.tls': 'internal' };
  await hostBackend(t, engine, { labels, answer: (_, response) => response.end() });
  await standing(proxy, host, 'valid');
  const sent = await proxy.until('it redirects', host, '/a?b=c', ({ status }) => status === 301);
  assert.equal(sent.headers.location, `https://${host}/a?b=c`);
  assert.equal((await proxy.get(`${host}:8080`, '/', { method: 'POST' })).status, 308);
  assert.equal((await proxy.get(`${host}:8080`)).headers.location, `https://${host}:${proxy.httpsPort}/`);
});

test('an unknown name fails the handshake, and a host that the certificate is not for gets 421', async (t) => {
  const engine = testEngine(t);
  const proxy = await secureProxy(t);
  const [one, other] = [`one.${engine.mark}.test`, `other.${engine.mark}.test`];
  for (const host of [one, other])
    await hostBackend(t, engine, { labels: { 'proxy.host': host }, answer: (_, response) => response.end(host) });
  await standing(proxy, one, 'valid');
  await standing(proxy, other, 'valid');
  const ca = (await proxy.admin('/certs/root.pem')).body;
  await assert.rejects(secureGet(proxy.httpsPort, `nobody.${engine.mark}.test`, { ca }), /unrecognized name/);
  const answer = await secureGet(proxy.httpsPort, one, { ca, host: other });
  assert.equal(answer.status, 421);
  assert.match(String(answer.headers['proxy-status']), /details=misdirected/);
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

test('a WebSocket goes over TLS', async (t) => {
  const engine = testEngine(t);
  const proxy = await secureProxy(t);
  const host = `ws.${engine.mark}.test`;
  const { server } = await hostBackend(t, engine, { labels: { 'proxy.host': host }, answer: (_, r) => r.end() });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
  await standing(proxy, host, 'valid');
  const ca = (await proxy.admin('/certs/root.pem')).body;
  // Passed on to tls.connect; the types know of fewer.
  const options = { ca, servername: host, headers: { host } } as ClientOptions;
  const socket = new WebSocket(`wss://127.0.0.1:${proxy.httpsPort}/`, options);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  socket
    .on('message', (data) => resolve(String(data)))
    .on('error', reject)
    .on('open', () => socket.send('hello'));
  assert.equal(await promise, 'echo hello');
  socket.close();
});
