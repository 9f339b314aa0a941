import { createServer } from 'node:net';

/** The wished port of 127.0.0.1 if it is free, else one that the system picks. */
export async function freePort(wished: number): Promise<number> {
  return (await tried(wished)) ?? (await tried(0)) ?? wished;
}

function tried(port: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const server = createServer();
  server.on('error', () => resolve(undefined));
  server.listen(port, '127.0.0.1', () => {
    const address = server.address();
    server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
  });
  return promise;
}
