import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { clientOf } from '../../../../src/engine/client-address.ts';
import { createH1Engine } from '../../../../src/engine/h1/engine.ts';
import { H2Server } from '../../../../src/engine/h2/h2-server.ts';
import { defaultEngineOptions, type EngineOptions } from '../../../../src/engine/options.ts';
import {
  defaultListenerLimits,
  type Engine,
  type ExchangeHandler,
  type ListenerLimits,
} from '../../../../src/http/transport.ts';
import { refusal } from '../../support/stage.ts';
import { localhost } from '../../support/tls-backend.ts';
import { FrameClient } from './frame-client.ts';
import { H2Client } from './h2-client.ts';

export interface H2StageOptions {
  readonly limits?: Partial<ListenerLimits>;
  readonly engine?: Partial<EngineOptions>;
  readonly nowMs?: () => number;
  /** Over TLS with ALPN; else the client speaks HTTP/2 without being asked. */
  readonly secure?: boolean;
}

export interface H2Stage {
  readonly server: H2Server;
  readonly port: number;
  /** The server's ends of all connections so far. */
  readonly sockets: readonly Socket[];
  /** node's client. */
  client(): Promise<H2Client>;
  /** Frames as they are, over plain TCP. */
  frames(): Promise<FrameClient>;
}

/** An HTTP/2 server that listens; it is gone with the test. */
export async function h2Stage(
  t: TestContext,
  handler: ExchangeHandler,
  { limits, engine, nowMs, secure = false }: H2StageOptions = {},
): Promise<H2Stage> {
  const server = new H2Server(
    {
      port: 0,
      reusePort: false,
      limits: { ...defaultListenerLimits, ...limits },
      handler,
      refuse: refusal,
    },
    { ...defaultEngineOptions, ...engine },
    nowMs,
  );
  const sockets: Socket[] = [];
  const accept = (socket: Socket): void => {
    sockets.push(socket);
    server.accept(socket, clientOf(socket, { secure }));
  };
  const listener = secure
    ? createTlsServer({ ...localhost, ALPNProtocols: ['h2'] }, accept)
    : createServer({ noDelay: true, allowHalfOpen: true }, accept);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => {
    listener.close();
    server.close();
  });
  const { port } = listener.address() as AddressInfo;
  return {
    server,
    port,
    sockets,
    client: () => H2Client.connect(t, `${secure ? 'https' : 'http'}://localhost:${port}`),
    frames: () => FrameClient.connect(t, port),
  };
}

/** The engine that asks the backends; it is gone with the test. */
export function backendEngine(t: TestContext, options: Partial<EngineOptions> = {}): Engine {
  const engine = createH1Engine(options);
  t.after(() => engine.upstream.close());
  return engine;
}
