import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { RawSocket } from '../../support/raw-socket.ts';
import { relay, tunnelRelay } from '../support/relay.ts';
import { type MakeEngine, peerAt, stage } from '../support/stage.ts';

const clients = 16;
const uploadBytes = [0, 1, 100, 4096, 10_000, 70_000, 100, 300_000, 0, 1_500_000, 65_536, 5000];
const messageBytes = [1, 4096, 4097, 16_384, 200, 65_536, 65_537, 300_000, 3, 1_000_000];

/** Buffers are used again for other clients: what somebody sends must arrive whole, and nowhere else. */
export function isolationContract(makeEngine: MakeEngine): void {
  describe('many clients at once, whose bytes are taken slowly,', () => {
    it('have each upload arrive as it was sent', async (t) => {
      const engine = makeEngine();
      const port = await slowDigester(t);
      const { connect } = await stage(t, engine, relay(engine.upstream, peerAt(port)));
      await Promise.all(
        Array.from({ length: clients }, async (_, client) => {
          const socket = await connect();
          const uploads = uploadBytes.map((length, i) => bytesOf(length, client * 100 + i));
          // Requests behind one another: the end of one and the beginning of the next come in one read.
          const sent = send(
            socket,
            Buffer.concat(uploads.map((body, i) => request(body, (client + i) % 2 === 0))),
            client,
          );
          for (const body of uploads) {
            await socket.head();
            assert.equal(await socket.bytes(64), digest(body), `client ${client}, ${body.length} bytes`);
          }
          await sent;
        }),
      );
    });

    it('have each message of a tunnel come back as it was sent', async (t) => {
      const engine = makeEngine();
      const port = await slowEcho(t);
      const { connect } = await stage(t, engine, tunnelRelay(engine.tunnel, peerAt(port)));
      await Promise.all(
        Array.from({ length: clients }, async (_, client) => {
          const socket = await connect();
          socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
          await socket.head();
          for (const [i, length] of messageBytes.entries()) {
            const message = bytesOf(length, client * 100 + i);
            const sent = send(socket, message, client);
            const back = Buffer.from(await socket.bytes(length), 'latin1');
            assert.ok(back.equals(message), `client ${client}, ${length} bytes`);
            await sent;
          }
        }),
      );
    });
  });
}

/** Bytes that nobody else's are. */
function bytesOf(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed + 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

function request(body: Buffer, chunked: boolean): Buffer {
  const head = `POST / HTTP/1.1\r\nHost: a\r\n${chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`}\r\n\r\n`;
  if (!chunked) return Buffer.concat([Buffer.from(head), body]);
  const parts: Buffer[] = [Buffer.from(head)];
  for (let at = 0; at < body.length; at += 9000) {
    const part = body.subarray(at, at + 9000);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

/** In pieces of changing size, each when the kernel has taken the one before. */
async function send({ socket }: RawSocket, bytes: Buffer, seed: number): Promise<void> {
  let size = 1000 + seed * 37;
  for (let at = 0; at < bytes.length; at += size) {
    size = (size * 31 + 7) % 90_000;
    if (!socket.write(bytes.subarray(at, at + size))) await once(socket, 'drain');
  }
}

const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Answers each upload with the digest of what came, and takes its time for it. */
async function slowDigester(t: TestContext): Promise<number> {
  const server = createServer({ highWaterMark: 8192 }, (asked: IncomingMessage, answer: ServerResponse) => {
    const hash = createHash('sha256');
    asked.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      asked.pause();
      setTimeout(() => asked.resume(), 1);
    });
    asked.on('end', () => answer.end(hash.digest('hex')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Agrees to any upgrade, then sends back what comes, and takes its time for it. */
async function slowEcho(t: TestContext): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let head = '';
    const echo = (chunk: Buffer): void => {
      socket.pause();
      socket.write(chunk, () => setTimeout(() => socket.resume(), 1));
    };
    const readHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      socket.off('data', readHead);
      socket.on('data', echo);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    };
    socket.on('data', readHead);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
