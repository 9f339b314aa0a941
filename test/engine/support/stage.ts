import type { TestContext } from 'node:test';
import type { ProxyFailure } from '../../../src/http/failure.ts';
import type { ResponseHead } from '../../../src/http/head.ts';
import { FlatHeaderList } from '../../../src/http/header-list.ts';
import {
  defaultListenerLimits,
  type Engine,
  type ExchangeHandler,
  type Listener,
  type ListenerLimits,
  type ListenOptions,
  type PeerAddress,
  type UpstreamTimeouts,
} from '../../../src/http/transport.ts';
import { rawClient } from '../../support/raw-client.ts';
import type { RawSocket } from '../../support/raw-socket.ts';

export type MakeEngine = () => Engine;

export interface Stage {
  readonly engine: Engine;
  readonly listener: Listener;
  connect(): Promise<RawSocket>;
}

/** An engine that listens; both are gone with the test. */
export async function stage(
  t: TestContext,
  engine: Engine,
  handler: ExchangeHandler,
  limits: Partial<ListenerLimits> = {},
  door: Pick<ListenOptions, 'admission' | 'onRefused'> = {},
): Promise<Stage> {
  const listener = await engine.listen({
    host: '127.0.0.1',
    port: 0,
    reusePort: false,
    limits: { ...defaultListenerLimits, ...limits },
    ...door,
    handler,
    refuse: refusal,
  });
  t.after(() => {
    listener.close();
    engine.upstream.close();
  });
  return { engine, listener, connect: () => rawClient(t, listener.port) };
}

/** An answer in the engine's name, which says why. */
export function refusal(failure: ProxyFailure): { head: ResponseHead; body: Uint8Array } {
  const status = { 'uri-too-long': 414, 'headers-too-large': 431, 'request-timeout': 408, 'not-implemented': 501 };
  const body = Buffer.from(failure.reason);
  return { head: head((status as Record<string, number>)[failure.reason] ?? 400, { 'X-Own': '1' }, body.length), body };
}

export function head(status: number, fields: Record<string, string> = {}, bodyLength: number | null = 0): ResponseHead {
  return { status, reason: '', headers: FlatHeaderList.of(fields), bodyLength };
}

/** A handler that answers every request at once with 200 and this text. */
export function answering(text: string): ExchangeHandler {
  return (exchange) => {
    const sink = exchange.respond(head(200, {}, text.length));
    if (exchange.request.method !== 'HEAD') sink.write(Buffer.from(text));
    sink.end();
  };
}

export const noTimeouts: UpstreamTimeouts = { connectMs: 0, readMs: 0, sendMs: 0 };

export function peerAt(port: number): PeerAddress {
  return { id: `peer:${port}:http`, host: '127.0.0.1', port, scheme: 'http' };
}

/** Something that will be known later. */
export class Later<T> {
  readonly #resolvers = Promise.withResolvers<T>();
  #count = 0;

  get promise(): Promise<T> {
    return this.#resolvers.promise;
  }

  /** How often it was told. */
  get count(): number {
    return this.#count;
  }

  readonly tell = (value: T): void => {
    this.#count++;
    this.#resolvers.resolve(value);
  };
}
