import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import { ThreadCounters } from '../../src/base/shared-counters.ts';
import { TrustedNetworks } from '../../src/http/forwarded.ts';
import { defaultListenerLimits, type Engine } from '../../src/http/transport.ts';
import { AccessLog } from '../../src/proxy/access-log.ts';
import type { CacheDesk } from '../../src/proxy/cache-desk.ts';
import { type FailedRequest, failedRequest, hasFailed } from '../../src/proxy/failed-request.ts';
import { proxyHandler } from '../../src/proxy/handle.ts';
import { noCertificates, type ShownCertificates } from '../../src/proxy/shown-certificates.ts';
import { isSlow, type SlowRequest, slowRequest } from '../../src/proxy/slow-request.ts';
import { TableCell } from '../../src/proxy/table-cell.ts';
import type { Tracer } from '../../src/proxy/tracer.ts';
import { Tunnels } from '../../src/proxy/tunnels.ts';
import type { Backend, Route, RoutePolicy } from '../../src/routing/table.ts';
import { Ejections } from '../../src/upstream/ejections.ts';
import { peerCounterShape } from '../../src/upstream/peer-counters.ts';
import { Peers } from '../../src/upstream/peers.ts';
import { WaitingRoom, type WaitingRoomOptions } from '../../src/upstream/waiting-room.ts';
import { aDesk } from '../cache/a-desk.ts';
import { refusal } from '../engine/support/stage.ts';
import { stepWorld, type ToldStepWorld } from '../steps/step-world.ts';
import { rawClient } from '../support/raw-client.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { aBackend, aPickingWorld, aRoute } from '../upstream/builders.ts';

export interface ProxyStage {
  readonly cell: TableCell;
  readonly steps: ToldStepWorld;
  readonly peers: Peers;
  readonly tunnels: Tunnels;
  readonly waiting: WaitingRoom;
  /** Access log lines so far. */
  readonly lines: Record<string, unknown>[];
  /** What was noted as failed so far, that there is a route for and that is no client's leaving. */
  readonly failed: readonly FailedRequest[];
  /** What was noted as slow so far. */
  readonly slow: readonly SlowRequest[];
  /** Waits for the next access log line. */
  nextLine(): Promise<Record<string, unknown>>;
  connect(): Promise<RawSocket>;
  /** Waits until so many requests in all have come to the proxy. */
  begun(count: number): Promise<void>;
  serve(...routes: Route[]): void;
}

/** Epoch ms, for ever. */
export const nowMs = 1_800_000_000_000;

/**
 * The data plane's inside without threads: an engine, a table cell and the handler between them.
 *
 * @param options `clock`: the time of balancing, ejection and waiting.
 */
export async function proxyStage(
  t: TestContext,
  engine: Engine,
  options: {
    trusted?: string[];
    unknownHost?: 'close' | '404' | '421';
    certificates?: ShownCertificates;
    waiting?: Partial<WaitingRoomOptions>;
    clock?: Clock;
    cache?: CacheDesk;
    now?: () => number;
    tracer?: Tracer;
    /** Counts what routes have served that have a number. */
    routeCounters?: ThreadCounters;
  } = {},
): Promise<ProxyStage> {
  const { clock = systemClock } = options;
  const monotonic = (): number => clock.monotonic();
  const counters = new ThreadCounters(peerCounterShape);
  const peers = new Peers(engine.upstream, { counters, ejections: new Ejections(), monotonic });
  const steps = stepWorld(clock, engine.upstream);
  const cell = new TableCell(peers, aPickingWorld({ monotonic }), steps, options.routeCounters);
  const tunnels = new Tunnels(clock);
  const waitingRoom = new WaitingRoom({ clock, ...options.waiting });
  peers.onAvailable = () => waitingRoom.look();
  const lines: Record<string, unknown>[] = [];
  const waiting: ((line: Record<string, unknown>) => void)[] = [];
  const failed: FailedRequest[] = [];
  const slow: SlowRequest[] = [];
  const write = (text: string): void => {
    const line = JSON.parse(text) as Record<string, unknown>;
    lines.push(line);
    waiting.shift()?.(line);
  };
  let begun = 0;
  const looking = new Set<() => void>();
  const handler = proxyHandler({
    cell,
    peers,
    waiting: waitingRoom,
    upstream: engine.upstream,
    tunnel: engine.tunnel,
    tunnels,
    trusted: new TrustedNetworks(options.trusted ?? []),
    unknownHost: options.unknownHost ?? '404',
    certificates: options.certificates ?? noCertificates,
    cache: options.cache ?? aDesk(),
    accessLog: new AccessLog({ write, writeTo: (_file, line) => write(line) }, () => 1_800_000_000_123),
    failures: {
      note(journey, endedMs) {
        if (hasFailed(journey)) failed.push(failedRequest(journey, endedMs, nowMs));
        else if (isSlow(journey, endedMs)) slow.push(slowRequest(journey, endedMs, nowMs));
      },
    },
    tracer: options.tracer ?? null,
    log: createLog({ level: 'silent', format: 'json' }),
    counts: {
      requestBegun() {
        begun++;
        for (const look of [...looking]) look();
      },
    },
    clock,
    now: options.now ?? (() => nowMs),
    monotonic: () => clock.monotonic(),
  });
  const limits = defaultListenerLimits;
  const listener = await engine.listen({
    host: '127.0.0.1',
    port: 0,
    reusePort: false,
    limits,
    handler,
    refuse: refusal,
  });
  t.after(() => {
    listener.close();
    engine.upstream.close();
  });
  let version = 0;
  return {
    cell,
    steps,
    peers,
    tunnels,
    waiting: waitingRoom,
    lines,
    failed,
    slow,
    nextLine: () => new Promise((resolve) => waiting.push(resolve)),
    connect: () => rawClient(t, listener.port),
    begun: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (begun < count) return;
          looking.delete(look);
          resolve();
        };
        looking.add(look);
        look();
      }),
    serve: (...routes) => cell.swap({ version: ++version, routes }),
  };
}

/** A route for a host, to backends on these ports of this machine. */
export function routeTo(
  ports: readonly number[],
  about: { host?: string; policy?: Partial<RoutePolicy>; backends?: Partial<Backend>; changedMs?: number } = {},
): Route {
  const { host = 'app.test', policy = {}, changedMs = 0 } = about;
  const base = aRoute({ id: `${host}/`, host: { kind: 'exact', text: host, name: host } });
  const backends = ports.map((port) => aBackend({ port, id: `c${port}`, container: `c${port}`, ...about.backends }));
  return { ...base, changedMs, serving: { kind: 'pool', backends }, policy: { ...base.policy, ...policy } };
}

export const get = (path = '/', fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: app.test\r\n${fields}\r\n`;
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
