import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * Passes port 53 of a loopback address on to a DNS server at 127.0.0.1, over TCP and UDP: name servers of a zone are asked at that
 * port and no other. BIND itself listens only at addresses that an interface has.
 */
export async function dnsRelay(t: TestContext, address: string, to: { readonly port: number }): Promise<void> {
  const server = createServer((socket) => {
    const other = connect(to.port, '127.0.0.1');
    for (const [one, two] of [
      [socket, other],
      [other, socket],
    ] as const) {
      one.pipe(two);
      one.on('error', () => two.destroy());
    }
  });
  const datagrams = createSocket('udp4');
  const asking = new Set<DatagramSocket>();
  datagrams.on('message', (question, { port, address: from }) => {
    const other = createSocket('udp4');
    asking.add(other);
    other.on('message', (answer) => {
      datagrams.send(answer, port, from);
      other.close();
      asking.delete(other);
    });
    other.send(question, to.port, '127.0.0.1');
  });
  t.after(() => {
    server.close();
    datagrams.close();
    for (const socket of asking) socket.close();
  });
  server.listen(53, address);
  datagrams.bind(53, address);
  await Promise.all([once(server, 'listening'), once(datagrams, 'listening')]);
}
