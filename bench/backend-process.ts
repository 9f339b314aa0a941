/**
 * A backend that is never the bottleneck: HTTP/1.1 over bare sockets with answers made beforehand. The first letter of the path
 * chooses the answer; `/echo` answers with the head that came in. It trusts its callers (the proxies of a bench) to send no pipelines.
 */
import { createServer, type Socket } from 'node:net';

const answers: Readonly<Record<string, Buffer>> = {
  '/100/': answer('x'.repeat(100)),
  '/10k/': answer('x'.repeat(10 * 1024)),
  '/1m/': answer('x'.repeat(1024 * 1024)),
};
const getLetter = 'G'.charCodeAt(0);
const endOfHead = Buffer.from('\r\n\r\n');
const endOfChunks = Buffer.from('0\r\n\r\n');
const headBytesMax = 64 * 1024;

const server = createServer({ noDelay: true }, (socket) => {
  let held: Buffer | null = null;
  socket.on('error', () => {});
  socket.on('data', (part: Buffer) => {
    const bytes: Buffer = held === null ? part : Buffer.concat([held, part]);
    held = null;
    const headEnd = bytes.indexOf(endOfHead);
    if (headEnd < 0) {
      if (bytes.length > headBytesMax) socket.destroy();
      else held = bytes;
      return;
    }
    if (bytes[0] === getLetter) return reply(socket, bytes, headEnd);
    if (bodyIsWhole(bytes, headEnd)) reply(socket, bytes, headEnd);
    else held = bytes;
  });
});

function reply(socket: Socket, bytes: Buffer, headEnd: number): void {
  const from = bytes.indexOf(0x20) + 1;
  const path = bytes.toString('latin1', from, bytes.indexOf(0x2f, from + 1) + 1);
  socket.write(answers[path] ?? answer(bytes.toString('latin1', 0, headEnd)));
}

function bodyIsWhole(bytes: Buffer, headEnd: number): boolean {
  // "Content-Length" and "content-length" end alike, and nothing else that these proxies send does.
  const at = bytes.indexOf('ength: ', 0, 'latin1');
  if (at > 0 && at < headEnd)
    return bytes.length >= headEnd + 4 + Number.parseInt(bytes.toString('latin1', at + 7, at + 17), 10);
  return bytes.subarray(-5).equals(endOfChunks);
}

function answer(body: string): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nCache-Control: no-store\r\n\r\n`;
  return Buffer.from(head + body, 'latin1');
}

server.listen({ host: '127.0.0.1', port: 0, backlog: 1024 }, () => process.send?.(server.address()));
process.on('disconnect', () => process.exit(0));
