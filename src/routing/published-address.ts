import { isIP } from 'node:net';
import type { Container, PublishedPort } from '../docker/container.ts';
import type { RouteSpec } from '../labels/spec.ts';
import type { Address } from './address.ts';
import { labelOf } from './option-label.ts';

/**
 * The address of a container on an engine that runs on another machine: its own networks end there, so a published port is
 * dialled at that host. A port that is bound to one address of the host is dialled at that address.
 */
export function publishedAddress(
  container: Container,
  spec: RouteSpec,
  port: number,
  { remoteHost }: { readonly remoteHost: string },
): Address & { readonly port: number } {
  if (container.networkMode === 'host') return { host: remoteHost, port, otherHosts: [], reason: '', problem: null };
  const published = container.publishedPorts.filter(({ containerPort }) => containerPort === port);
  const best = published.find(isEverywhere) ?? published.find(({ hostIp }) => !isLoopback(hostIp));
  if (best !== undefined) {
    const host = isEverywhere(best) ? remoteHost : best.hostIp;
    return { host, port: best.hostPort, otherHosts: [], reason: '', problem: null };
  }
  const onlyLocal = published.length > 0;
  const reason = onlyLocal
    ? `port ${port} is published on the loopback of ${remoteHost} only`
    : `port ${port} is not published on ${remoteHost}`;
  const expected = `port ${port} published, because the engine runs on another machine (${remoteHost})`;
  const problem = {
    container: container.name,
    label: labelOf(spec, 'port'),
    value: '',
    expected: onlyLocal ? `${expected}; it is published on its loopback only` : expected,
    suggestion: `start the container with --publish ${port}:${port} (compose: ports: ["${port}:${port}"])`,
    severity: 'error',
  } as const;
  return { host: '', port, otherHosts: [], reason, problem };
}

function isEverywhere({ hostIp }: PublishedPort): boolean {
  return hostIp === '' || hostIp === '0.0.0.0' || hostIp === '::' || isIP(hostIp) === 0;
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
