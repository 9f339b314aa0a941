import type { Container } from '../docker/container.ts';
import type { Place } from '../docker/snapshot.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import { byPreference, findNetwork } from './network.ts';
import { labelOf, labelText } from './option-label.ts';

type ProxyContainer = Place & { kind: 'container' };

/** No `proxy.network`, and no network that both are on. `owner` is the container whose network it is. */
export function nothingShared(container: Container, owner: Container, spec: RouteSpec, proxy: ProxyContainer): Problem {
  return problem(container, spec, {
    expected: `a network that the container and the proxy share; ${bothSides(owner, proxy)}`,
    suggestion: connectTogether(owner, proxy),
  });
}

/** The container is on the network that `proxy.network` names, the proxy is not. */
export function proxyNotOnNetwork(
  container: Container,
  owner: Container,
  spec: RouteSpec,
  network: string,
  proxy: ProxyContainer,
): Problem {
  return problem(container, spec, {
    expected: `a network that the proxy is on too; ${bothSides(owner, proxy)}`,
    suggestion: connect(network, proxy.name),
  });
}

/** The container is not on the network that `proxy.network` names. */
export function notOnNetwork(
  container: Container,
  owner: Container,
  spec: RouteSpec,
  wanted: string,
  proxy: ProxyContainer,
): Problem {
  return problem(container, spec, {
    expected: `a network that the container is on; ${bothSides(owner, proxy)}`,
    suggestion: bringOnto(wanted, container, owner, spec, proxy),
  });
}

/** The nearest mend: the network is there and only the container is missing, or another one would do, or none would. */
function bringOnto(
  wanted: string,
  container: Container,
  owner: Container,
  spec: RouteSpec,
  proxy: ProxyContainer,
): string {
  const ofProxy = findNetwork(proxy.networks, wanted, container.project);
  if (ofProxy !== null) return connect(ofProxy.name, owner.name);
  const [shared] = owner.attachments
    .filter(({ network, networkId }) => isUsable(network) && proxy.networks.some(({ id }) => id === networkId))
    .map(({ network }) => network)
    .sort(byPreference);
  return shared === undefined ? connectTogether(owner, proxy) : `${labelOf(spec, 'network')}=${shared}`;
}

/** The proxy runs on the host, so another network does as well. */
export function wrongNetwork(
  container: Container,
  owner: Container,
  spec: RouteSpec,
  wanted: string,
  instead: string,
): Problem {
  return {
    ...problem(container, spec, {
      expected: `a network that the container is on (${list(owner.attachments.map(({ network }) => network))}); ${instead} was taken`,
      suggestion: `${labelOf(spec, 'network')}=${instead}, or ${connect(wanted, owner.name)}`,
    }),
    severity: 'warning',
  };
}

function problem(
  container: Container,
  spec: RouteSpec,
  about: { readonly expected: string; readonly suggestion: string },
): Problem {
  const label = labelOf(spec, 'network');
  return { container: container.name, label, value: labelText(spec, 'network'), ...about, severity: 'error' };
}

function bothSides(owner: Container, proxy: ProxyContainer): string {
  const its = list(owner.attachments.map(({ network }) => network));
  return `the container is on ${its}, the proxy (${proxy.name}) is on ${list(proxy.networks.map(({ name }) => name))}`;
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : [...names].sort(byPreference).join(', ');
}

/** Brings the proxy into a network of the container, or, where it has none, the container into one of the proxy. */
function connectTogether(owner: Container, proxy: ProxyContainer): string {
  const [its] = owner.attachments
    .map(({ network }) => network)
    .filter(isUsable)
    .sort(byPreference);
  if (its !== undefined) return connect(its, proxy.name);
  const [ours] = proxy.networks
    .map(({ name }) => name)
    .filter(isUsable)
    .sort(byPreference);
  return ours === undefined ? '' : connect(ours, owner.name);
}

function isUsable(network: string): boolean {
  return network !== 'ingress' && network !== 'host' && network !== 'none';
}

function connect(network: string, container: string): string {
  return `docker network connect ${network} ${container}`;
}
