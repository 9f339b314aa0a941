import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** One package installation on a slow mirror, and a margin. */
const waitMsMax = 10 * 60_000;

/**
 * Runs `work` while no other process of this machine runs work under the same name.
 * The lock is a listening socket in Linux's abstract namespace: the kernel drops it with its process, so none is ever left over.
 */
export async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  const end = Date.now() + waitMsMax;
  let release = await acquire(name);
  while (!release) {
    if (Date.now() > end)
      throw new Error(`another process has held the lock "${name}" for ${waitMsMax / 60_000} minutes`);
    await sleep(100);
    release = await acquire(name);
  }
  try {
    return await work();
  } finally {
    await release();
  }
}

function acquire(name: string): Promise<(() => Promise<void>) | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<(() => Promise<void>) | undefined>();
  const server = createServer((socket) => socket.destroy());
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(undefined);
    else reject(error);
  });
  server.listen(`\0fairlead:${name}`, () => resolve(() => new Promise<void>((done) => server.close(() => done()))));
  return promise;
}
