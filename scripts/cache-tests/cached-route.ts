import { readLabels } from '../../src/labels/read-labels.ts';
import { routePolicy } from '../../src/routing/policy.ts';
import type { Route } from '../../src/routing/table.ts';
import { container } from '../../test/routing/builders.ts';
import { aBackend, aRoute } from '../../test/upstream/builders.ts';

const labels = { 'proxy.host': '*', 'proxy.port': '80', 'proxy.http': 'serve', 'proxy.cache': 'on' };

/** One route for every host to a port of this machine, as the labels make it. */
export function cachedRoute(port: number): readonly Route[] {
  const { specs } = readLabels(container({ labels }));
  return specs.map(({ hosts: [host], paths: [path], options }) => {
    if (host === undefined || path === undefined) throw new Error('the labels make no route');
    const serving = { kind: 'pool', backends: [aBackend({ port })] } as const;
    return aRoute({ host, path, serving, policy: routePolicy(options, path) });
  });
}
