import type { Attachment, Container } from '../docker/container.ts';
import type { Place } from '../docker/snapshot.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import type { Surroundings } from './dial.ts';
import { byPreference, dialledAt, findNetwork, type NamedNetwork } from './network.ts';
import { nothingShared, notOnNetwork, proxyNotOnNetwork, wrongNetwork } from './network-problem.ts';

/** An address to dial, or '' with the reason why there is none. */
export interface Address {
  readonly host: string;
  /** Where it is in reach as well, in other networks. */
  readonly otherHosts: readonly string[];
  readonly reason: string;
  readonly problem: Problem | null;
}

/** The network that a container is dialled in, as the contract's row `proxy.network` says. */
export function chooseAddress(container: Container, spec: RouteSpec, surroundings: Surroundings): Address {
  const owner = networkOwner(container, surroundings);
  if (typeof owner === 'string') return unreachable(owner);
  const reach = reachOf(surroundings.place);
  const address = addressIn(container, owner, spec, reach);
  const hosts = owner.networkMode === 'host' ? hostGateways(reach) : inReach(owner, reach).map(dialledAt);
  return { ...address, otherHosts: hosts.filter((host) => host !== address.host) };
}

function addressIn(container: Container, owner: Container, spec: RouteSpec, reach: Place): Address {
  if (owner.networkMode === 'host') return hostNetworkAddress(container, reach);
  if (owner.networkMode === 'none' && owner.attachments.every((one) => dialledAt(one) === '')) {
    return unreachable('it has no network (network_mode: none)');
  }
  return reach.kind === 'host'
    ? addressFromHost(container, owner, spec)
    : addressFromContainer(container, owner, spec, reach);
}

/** A proxy in a container on the host's network reaches what a process on the host reaches. */
function reachOf(place: Place): Place {
  return place.kind === 'container' && place.hostNetwork ? { kind: 'host' } : place;
}

/** Containers whose network is another container's, one in the next, at most. */
const joinedMax = 8;

/** The container whose attachments count (`network_mode: container:<id>`), or why there is none. */
function networkOwner(container: Container, { containerOf }: Surroundings): Container | string {
  let owner = container;
  for (let joined = 0; owner.networkMode.startsWith('container:'); joined++) {
    const id = owner.networkMode.slice('container:'.length);
    const next = joined < joinedMax ? containerOf(id) : undefined;
    if (next === undefined) return `its network is that of container ${id.slice(0, 12)}, which is not known`;
    if (next.state !== 'running') return `its network is that of container ${next.name}, which is not running`;
    owner = next;
  }
  return owner;
}

function hostNetworkAddress(container: Container, reach: Place): Address {
  if (reach.kind === 'host') return reachable('127.0.0.1');
  const [nearest] = hostGateways(reach);
  if (nearest !== undefined) return reachable(nearest);
  return {
    ...unreachable('it is on the host network, and no network of the proxy has a gateway to the host'),
    problem: {
      container: container.name,
      label: 'proxy.network',
      value: '',
      expected: `a way from the proxy to the host network: none of its networks has a gateway`,
      suggestion: `docker network connect bridge ${reach.name}`,
      severity: 'error',
    },
  };
}

/** Where a proxy in a container finds the host, the preferred first. */
function hostGateways(reach: Place): string[] {
  if (reach.kind === 'host') return [];
  const networks = reach.networks.filter(({ gateway, name }) => gateway !== '' && name !== 'ingress');
  return networks.sort((a, b) => byPreference(a.name, b.name)).map(({ gateway }) => gateway);
}

/** From the host every bridge network is in reach, so a wrong `proxy.network` is worth a warning, not an outage. */
function addressFromHost(container: Container, owner: Container, spec: RouteSpec): Address {
  const dialled = candidates(owner);
  const wanted = spec.options.network;
  if (wanted !== null) {
    const named = findNetwork(owner.attachments.map(asNamed), wanted, container.project);
    const match = dialled.find(({ networkId, network }) => networkId === named?.id && network === named.name);
    if (match !== undefined) return reachable(dialledAt(match));
    const [instead] = dialled;
    if (instead !== undefined) {
      return {
        ...reachable(dialledAt(instead)),
        problem: wrongNetwork(container, owner, spec, wanted, instead.network),
      };
    }
  }
  const [first] = dialled;
  return first === undefined ? unreachable('it has no address in any network') : reachable(dialledAt(first));
}

function addressFromContainer(
  container: Container,
  owner: Container,
  spec: RouteSpec,
  proxy: Place & { kind: 'container' },
): Address {
  const wanted = spec.options.network;
  const shared = inReach(owner, proxy);
  if (wanted === null) {
    const [first] = shared;
    if (first !== undefined) return reachable(dialledAt(first));
    return {
      ...unreachable(`it shares no network with the proxy (it: ${names(owner)}; the proxy: ${proxyNames(proxy)})`),
      problem: nothingShared(container, owner, spec, proxy),
    };
  }
  const named = findNetwork(owner.attachments.map(asNamed), wanted, container.project);
  if (named === null) {
    return {
      ...unreachable(`it is not on the network ${wanted} (it: ${names(owner)}; the proxy: ${proxyNames(proxy)})`),
      problem: notOnNetwork(container, owner, spec, wanted, proxy),
    };
  }
  const match = shared.find(({ networkId }) => networkId === named.id);
  if (match !== undefined) return reachable(dialledAt(match));
  if (proxy.networks.some(({ id }) => id === named.id)) return unreachable(`it has no address in ${named.name}`);
  return {
    ...unreachable(
      `the proxy is not on the network ${named.name} (it: ${names(owner)}; the proxy: ${proxyNames(proxy)})`,
    ),
    problem: proxyNotOnNetwork(container, owner, spec, named.name, proxy),
  };
}

/** Attachments with an address, the preferred first. Swarm's `ingress` only carries its routing mesh: nothing answers there. */
function candidates(owner: Container): Attachment[] {
  return owner.attachments
    .filter((attachment) => attachment.network !== 'ingress' && dialledAt(attachment) !== '')
    .sort((a, b) => byPreference(a.network, b.network));
}

function inReach(owner: Container, reach: Place): Attachment[] {
  const all = candidates(owner);
  if (reach.kind === 'host') return all;
  return all.filter(({ networkId }) => reach.networks.some(({ id }) => id === networkId));
}

function asNamed({ network, networkId }: Attachment): NamedNetwork {
  return { name: network, id: networkId };
}

function names(owner: Container): string {
  return owner.attachments.map(({ network }) => network).join(', ') || 'none';
}

function proxyNames(proxy: Place & { kind: 'container' }): string {
  return proxy.networks.map(({ name }) => name).join(', ') || 'none';
}

function reachable(host: string): Address {
  return { host, otherHosts: [], reason: '', problem: null };
}

function unreachable(reason: string): Address {
  return { host: '', otherHosts: [], reason, problem: null };
}
