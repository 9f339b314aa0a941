import { ThreadCounters } from '../../src/base/shared-counters.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { PickingWorld } from '../../src/proxy/table-cell.ts';
import { noGuards } from '../../src/routing/guards.ts';
import type { Backend, BackendCheck, Route } from '../../src/routing/table.ts';
import type { BalancedRequest } from '../../src/upstream/balancer.ts';
import { Ejections } from '../../src/upstream/ejections.ts';
import { Peer } from '../../src/upstream/peer.ts';
import { peerCounterShape } from '../../src/upstream/peer-counters.ts';

let count = 0;

export function aBackend(about: Partial<Backend> = {}): Backend {
  count++;
  return {
    id: `id-${count}`,
    container: `container-${count}`,
    service: '',
    scheme: 'http',
    sni: null,
    verify: true,
    host: '127.0.0.1',
    port: 8080,
    state: 'healthy',
    reason: '',
    weight: 1,
    backup: false,
    maxFails: 3,
    failTimeoutMs: 30_000,
    check: null,
    changedMs: 0,
    drained: false,
    drainMs: 30_000,
    ...about,
  };
}

export function tcpCheck(about: Partial<BackendCheck> = {}): BackendCheck {
  return { kind: 'tcp', intervalMs: 10_000, timeoutMs: 5_000, rise: 1, fall: 3, ...about } as BackendCheck;
}

/** Time goes on, and chance is as the machine has it, unless it is said. */
export function aPickingWorld(about: Partial<PickingWorld> = {}): PickingWorld {
  return { monotonic: () => performance.now(), random: Math.random, affinityKey: 'a test key', ...about };
}

/** Alone: nothing of it is shared with other workers. @param monotonic its time. */
export function aPeer(about: Partial<Backend> = {}, monotonic: () => number = () => 0): Peer {
  const counters = new ThreadCounters(peerCounterShape).block(0);
  return new Peer(aBackend(about), { counters, ejection: new Ejections().of(0), monotonic });
}

export function aRequest(
  about: { clientAddress?: string; target?: string; headers?: Readonly<Record<string, string>> } = {},
): BalancedRequest {
  const { clientAddress = '192.0.2.1', target = '/', headers = {} } = about;
  const list = FlatHeaderList.of(headers);
  return { clientAddress, target, header: (name) => list.get(name) };
}

export function aRoute(about: Partial<Route> = {}): Route {
  count++;
  return {
    id: `route-${count}.example.com/`,
    name: '',
    host: { kind: 'exact', text: `route-${count}.example.com`, name: `route-${count}.example.com` },
    path: { kind: 'prefix', text: '/', prefix: '' },
    match: [],
    priority: 0,
    serving: { kind: 'pool', backends: [] },
    changedMs: 0,
    ...about,
    policy: {
      ws: true,
      wsIdleMs: 86_400_000,
      connectMs: 5_000,
      readMs: 60_000,
      sendMs: 60_000,
      lb: { kind: 'roundrobin' },
      sticky: null,
      retries: 1,
      retryStatuses: [],
      waitMs: 0,
      requestsMax: null,
      queueMs: 0,
      strip: '',
      requestHeaders: [],
      rewrite: null,
      cors: null,
      responseHeaders: [],
      securityHeaders: [],
      guards: noGuards,
      accessLog: 'on',
      logFormat: null,
      logFile: null,
      http: 'redirect',
      tls: true,
      clientCertificate: false,
      cache: null,
      errors: null,
      compress: null,
      ...about.policy,
    },
  };
}
