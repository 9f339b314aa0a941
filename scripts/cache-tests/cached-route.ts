import type { Container } from '../../src/docker/container.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { routePolicy } from '../../src/routing/policy.ts';
import type { Route } from '../../src/routing/table.ts';

const labels = { 'proxy.host': '*', 'proxy.port': '80', 'proxy.http': 'serve', 'proxy.cache': 'on' };

/** One route for every host to a port of this machine, as the labels make it. */
export function cachedRoute(port: number): readonly Route[] {
  const { specs } = readLabels(container);
  return specs.map((spec): Route => {
    const [host] = spec.hosts;
    const [path] = spec.paths;
    if (host === undefined || path === undefined) throw new Error('the labels make no route');
    const { id, name: container } = origin;
    const place = { host: '127.0.0.1', port, scheme: 'http', sni: null, verify: true } as const;
    const limits = { backup: false, maxFails: 0, failTimeoutMs: 0, check: null } as const;
    const backend = {
      id,
      container,
      service: '',
      state: 'healthy',
      reason: '',
      weight: 1,
      ...place,
      ...limits,
    } as const;
    return {
      id: '*',
      name: spec.name,
      host,
      path,
      match: spec.match,
      priority: spec.priority,
      serving: { kind: 'pool', backends: [backend] },
      policy: routePolicy(spec.options, path),
    };
  });
}

const origin = { id: '0'.repeat(64), name: 'origin' };

const container: Container = {
  ...origin,
  image: 'cache-tests',
  endpoint: '',
  project: '',
  service: '',
  oneOff: false,
  labels,
  createdMs: 0,
  state: 'running',
  health: 'none',
  stopping: false,
  exitCode: 0,
  outOfMemory: false,
  exposedPorts: [80],
  publishedPorts: [],
  networkMode: 'bridge',
  attachments: [],
  stopSignal: 15,
};
