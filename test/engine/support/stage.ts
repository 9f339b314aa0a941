import type { TestContext } from 'node:test';
import { counterRange, ThreadCounters } from '../../../src/base/shared-counters.ts';
import { Census, type CensusLimits, censusMemory } from '../../../src/engine/census.ts';
import type { ProxyFailure } from '../../../src/http/failure.ts';
import type { ResponseHead } from '../../../src/http/head.ts';
import { FlatHeaderList } from '../../../src/http/header-list.ts';
import {
  defaultListenerLimits,
  type Engine,
  type ExchangeHandler,
  type Listener,
  type ListenerLimits,
  type PeerAddress,
  type RefusedConnection,
  type UpstreamTimeouts,
} from '../../../src/http/transport.ts';
import {
  ConnectionCounters,
  connectionCounterShape,
  readConnectionTraffic,
} from '../../../src/proxy/connection-counters.ts';
import type { ConnectionTraffic } from '../../../src/proxy/traffic.ts';
import { rawClient } from '../../support/raw-client.ts';
import type { RawSocket } from '../../support/raw-socket.ts';

/** An engine, and how its listeners are connected to where it is not by TCP alone. */
export interface StageEngine extends Engine {
  readonly dial?: (t: TestContext, port: number) => Promise<RawSocket>;
}

export type MakeEngine = () => StageEngine;

export interface Stage {
  readonly engine: Engine;
  readonly listener: Listener;
  /** Of what it is asked for. */
  readonly scheme: 'http' | 'https';
  /** Of its connections, as a worker counts them. */
  counts(): Omit<ConnectionTraffic, 'requests'>;
  /** Why connections were turned away, one by one. */
  readonly refused: readonly RefusedConnection[];
  connect(): Promise<RawSocket>;
}

/** An engine that listens; both are gone with the test. */
export async function stage(
  t: TestContext,
  engine: StageEngine,
  handler: ExchangeHandler,
  limits: Partial<ListenerLimits> = {},
  door: Partial<CensusLimits> = {},
): Promise<Stage> {
  const range = counterRange(connectionCounterShape);
  const counters = new ConnectionCounters(new ThreadCounters(connectionCounterShape, [range]));
  const refused: RefusedConnection[] = [];
  const open = { connectionsMax: 1_000_000, perAddressMax: 1_000_000, exempt: () => false };
  const listener = await engine.listen({
    host: '127.0.0.1',
    port: 0,
    reusePort: false,
    limits: { ...defaultListenerLimits, ...limits },
    admission: new Census(censusMemory(1), 0, { limits: { ...open, ...door }, all: counters }),
    handler,
    refuse: refusal,
    onRefused: (why) => {
      counters.refused();
      refused.push(why);
    },
  });
  t.after(() => {
    listener.close();
    engine.upstream.close();
  });
  const counts = () => {
    counters.looked([listener.activity()]);
    const { requests: _, ...connections } = readConnectionTraffic(new Float64Array(range).subarray(1));
    return connections;
  };
  const scheme = engine.dial === undefined ? 'http' : 'https';
  const connect = () => (engine.dial ?? rawClient)(t, listener.port);
  return { engine, listener, scheme, counts, refused, connect };
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
