import type { Backend, Route } from '../../src/routing/table.ts';
import { Peer } from '../../src/upstream/peer.ts';

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
    ...about,
  };
}

export function aPeer(about: Partial<Backend> = {}): Peer {
  return new Peer(aBackend(about));
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
    ...about,
    policy: {
      ws: true,
      wsIdleMs: 86_400_000,
      connectMs: 5_000,
      readMs: 60_000,
      sendMs: 60_000,
      retries: 1,
      strip: '',
      requestHeaders: [],
      responseHeaders: [],
      securityHeaders: [],
      accessLog: 'on',
      http: 'redirect',
      tls: true,
      clientCertificate: false,
      ...about.policy,
    },
  };
}
