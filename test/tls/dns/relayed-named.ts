import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/** Passes datagrams on to a name server, and nothing over TCP. @returns its port. */
export async function udpOnly(t: TestContext, port: number, about: { lose?: number } = {}): Promise<number> {
  let toLose = about.lose ?? 0;
  const front = createSocket('udp4').bind(0, '127.0.0.1');
  await once(front, 'listening');
  front.on('message', (request, from) => {
    toLose -= 1;
    if (toLose >= 0) return;
    const back = createSocket('udp4');
    back.on('message', (answer) => {
      // Somebody else's datagram first: it must not be taken for the answer.
      front.send(Buffer.alloc(20, 0xff), from.port, from.address);
      front.send(answer, from.port, from.address);
      back.close();
    });
    back.send(request, port, '127.0.0.1');
  });
  t.after(() => front.close());
  return front.address().port;
}

/** Passes TCP on to a name server, and changes its answers (without their length). @returns its port. */
export async function changing(t: TestContext, port: number, change: (answer: Buffer) => Buffer): Promise<number> {
  const server = createServer((client) => {
    const back = connect(port, '127.0.0.1');
    client.on('data', (chunk) => back.write(chunk)).on('error', () => back.destroy());
    let answer = Buffer.alloc(0);
    back
      .on('error', () => client.destroy())
      .on('data', (chunk: Buffer) => {
        answer = Buffer.concat([answer, chunk]);
        if (answer.length < 2 || answer.length < 2 + answer.readUInt16BE(0)) return;
        const changed = change(Buffer.from(answer.subarray(2)));
        const length = Buffer.alloc(2);
        length.writeUInt16BE(changed.length);
        client.end(Buffer.concat([length, changed]));
        back.destroy();
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}
