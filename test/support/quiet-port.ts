import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to outgoing connections (ip_local_port_range): nothing takes one by accident. */
const ports = { first: 20_000, last: 32_000 };
const attemptsMax = 50;

/** A port of 127.0.0.1 that was free a moment ago, over TCP and UDP: for programs that cannot pick one themselves. */
export async function quietPort(): Promise<number> {
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const port = randomInt(ports.first, ports.last);
    if ((await freeOverTcp(port)) && (await freeOverUdp(port))) return port;
  }
  throw new Error(`no free port between ${ports.first} and ${ports.last} in ${attemptsMax} attempts`);
}

function freeOverTcp(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.on('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}

function freeOverUdp(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = createSocket('udp4');
  socket.on('error', () => {
    socket.close();
    resolve(false);
  });
  socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  return promise;
}
