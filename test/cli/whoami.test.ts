import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { startWhoami } from '../../src/cli/whoami.ts';

async function backend(t: TestContext) {
  const whoami = await startWhoami({ port: 0, host: '127.0.0.1', name: 'blue' });
  t.after(() => whoami.stop(0));
  return { ...whoami, url: `http://127.0.0.1:${whoami.port}` };
}

async function socketTo(t: TestContext, port: number, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/any`, protocols);
  t.after(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

test('it says what arrived: method, target, headers in their spelling, and who answers', async (t) => {
  const { url } = await backend(t);
  const text = await (await fetch(`${url}/a?b=c`, { headers: { 'X-Canary': '1' } })).text();
  assert.match(
    text,
    /^Name: blue\nHostname: .+\n(IP: .+\n)+RemoteAddr: 127\.0\.0\.1:\d+\nBody: 0 bytes\n\nGET \/a\?b=c HTTP\/1\.1\n/,
  );
  assert.match(text, /\nhost: 127\.0\.0\.1:\d+\n/i);
  assert.match(text, /\nx-canary: 1\n/i);
});

test('a body is counted', async (t) => {
  const { url } = await backend(t);
  const answer = await fetch(url, { method: 'POST', body: 'x'.repeat(100_000) });
  assert.match(await answer.text(), /\nBody: 100000 bytes\n/);
});

test('status, size and delay of the answer can be asked for', async (t) => {
  const { url } = await backend(t);
  const answer = await fetch(`${url}/?status=418&bytes=100k&wait=1ms`);
  assert.equal(answer.status, 418);
  assert.equal((await answer.arrayBuffer()).byteLength, 102_400);
  assert.equal((await fetch(`${url}/?status=99&wait=never`)).status, 200);
});

test('its health is ok', async (t) => {
  const { url } = await backend(t);
  assert.equal(await (await fetch(`${url}/health`)).text(), 'ok\n');
});

test('events stream, and end when it stops', async (t) => {
  const { url, stop } = await backend(t);
  const answer = await fetch(`${url}/sse`);
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  const stopped = stop(1_000);
  assert.match(await answer.text(), /^id: 0\nevent: tick\ndata: \{"count":0,"name":"blue"\}\n\n/);
  await stopped;
});

test('a WebSocket hears its own messages, text and binary, small and large', async (t) => {
  const { port } = await backend(t);
  const socket = await socketTo(t, port);
  for (const message of ['', 'hé', 'x'.repeat(200), 'y'.repeat(70_000)]) {
    socket.send(message);
    const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
    assert.equal(isBinary, false);
    assert.equal(data.toString(), message);
  }
  socket.send(Buffer.from([0, 255]));
  const [data, isBinary] = (await once(socket, 'message')) as [Buffer, boolean];
  assert.ok(isBinary);
  assert.deepEqual(data, Buffer.from([0, 255]));
});

test('fragments become one message, and a ping between them is answered', async (t) => {
  const { port } = await backend(t);
  const socket = await socketTo(t, port);
  socket.send('a', { fin: false });
  socket.ping('now');
  const [pong] = (await once(socket, 'pong')) as [Buffer];
  assert.equal(pong.toString(), 'now');
  socket.send('b', { fin: false });
  socket.send('c', { fin: true });
  const [data] = (await once(socket, 'message')) as [Buffer];
  assert.equal(data.toString(), 'abc');
});

test('the first protocol that is offered is taken', async (t) => {
  const { port } = await backend(t);
  assert.equal((await socketTo(t, port, ['chat', 'other'])).protocol, 'chat');
});

test('a close is answered with its code', async (t) => {
  const { port } = await backend(t);
  const socket = await socketTo(t, port);
  socket.close(4001, 'enough');
  const [code] = (await once(socket, 'close')) as [number];
  assert.equal(code, 4001);
});

test('when it stops, WebSockets are told that it goes away', async (t) => {
  const { port, stop } = await backend(t);
  const socket = await socketTo(t, port);
  const stopped = stop(1_000);
  const [code] = (await once(socket, 'close')) as [number];
  assert.equal(code, 1001);
  await stopped;
});

test('when it stops, a request that is under way gets its answer', async (t) => {
  const { url, stop } = await backend(t);
  const slow = fetch(`${url}/?wait=50ms`);
  // Its connection stands, and the head has been read.
  await fetch(`${url}/health`);
  const stopped = stop(5_000);
  assert.equal((await slow).status, 200);
  await stopped;
});

test('what breaks the rules of WebSockets is closed with the code for it', async (t) => {
  const { port } = await backend(t);
  const cases: [bytes: number[], code: number][] = [
    [[0x81, 0x01, 0x61], 1002], // not masked
    [[0xc1, 0x80, 0, 0, 0, 0], 1002], // a reserved bit
    [[0x80, 0x80, 0, 0, 0, 0], 1002], // continues nothing
    [[0x83, 0x80, 0, 0, 0, 0], 1002], // an unknown kind
    [[0x89, 0xfe, 0, 126, 0, 0, 0, 0], 1002], // a long ping
    [[0x81, 0x81, 0, 0, 0, 0, 0xff], 1007], // text that is no UTF-8
    [[0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0], 1009], // four GiB
  ];
  for (const [bytes, code] of cases) {
    const socket = connect(port, '127.0.0.1');
    t.after(() => socket.destroy());
    const lines = [
      'GET / HTTP/1.1',
      'Host: a',
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
    ];
    // Sent in one piece: the first frame is in the head of the upgrade.
    socket.write(
      Buffer.concat([
        Buffer.from(`${[...lines, 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='].join('\r\n')}\r\n\r\n`),
        Buffer.from(bytes),
      ]),
    );
    const frame = await closeFrame(socket);
    assert.equal(frame, code, bytes.join(' '));
  }
});

/** The code of the first frame after the head. */
function closeFrame(socket: ReturnType<typeof connect>): Promise<number> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0 && bytes.length >= end + 8) resolve(bytes[end + 4] === 0x88 ? bytes.readUInt16BE(end + 6) : -1);
    });
  });
}

test('an upgrade to something else is refused', async (t) => {
  const { port } = await backend(t);
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 400 /);
});
