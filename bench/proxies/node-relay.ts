import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import { firstAnswer } from '../first-answer.ts';
import type { Contender, ContenderOptions } from './contender.ts';

/**
 * No contender but a floor: a relay on this Node that copies bytes between two sockets and knows nothing of HTTP, with a backend
 * connection for each client. What it costs, any proxy on Node's sockets costs at least.
 */
export async function startNodeRelay(
  { core, dir, backendPort }: ContenderOptions,
  signal: AbortSignal,
): Promise<Contender> {
  const port = await freePort();
  const file = fileURLToPath(new URL('./node-relay-process.ts', import.meta.url));
  const child = new Child('node-relay', process.execPath, [file, String(port), String(backendPort)], { core, dir });
  await firstAnswer(
    { port, path: '/100' },
    { wanted: ({ status }) => status === 200, everyMs: 5, withinMs: 10_000, signal, check: () => child.checkAlive() },
  );
  return {
    name: 'node-relay',
    version: 'a relay of bytes on node:net',
    port,
    pid: child.pid,
    accessLog: join(dir, 'node-relay.access.log'),
    [Symbol.asyncDispose]: () => child.stop(),
  };
}
