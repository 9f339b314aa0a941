import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import type Docker from 'dockerode';
import type { TestEngine } from './engine.ts';

export interface HostBackend {
  readonly container: Docker.Container;
  readonly server: Server;
  /** Targets in the order of their arrival. */
  readonly targets: readonly string[];
}

export interface HostBackendWish {
  readonly labels: Readonly<Record<string, string>>;
  readonly answer?: RequestListener;
  /** What the container does meanwhile. Default: nothing, and it leaves when it is told to. */
  readonly command?: readonly string[];
  /** What the engine is to hold it to. */
  readonly host?: Docker.HostConfig;
  readonly stopTimeout?: number;
}

/** A container that takes so many seconds to leave after its stop signal. */
export const slowLeaver = (seconds: number): readonly string[] => [
  'sh',
  '-c',
  `trap 'sleep ${seconds}; exit 0' TERM; while :; do sleep 0.1; done`,
];

/**
 * A container on the host's network whose port is served by the test itself: its life is Docker's, what it answers is in the
 * test's hands, byte by byte.
 */
export async function hostBackend(
  t: TestContext,
  engine: TestEngine,
  {
    labels,
    answer = (_, response) => void response.end('ok\n'),
    command = ['sleep', '1000'],
    host = {},
    stopTimeout,
  }: HostBackendWish,
): Promise<HostBackend> {
  const targets: string[] = [];
  const server = createServer((request, response) => {
    targets.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const container = await engine.container({
    labels: { ...labels, 'proxy.port': String(port) },
    command,
    networks: ['host'],
    host,
    ...(stopTimeout === undefined ? {} : { stopTimeout }),
  });
  return { container, server, targets };
}
