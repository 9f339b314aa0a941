import type { Attachment } from '../docker/container.ts';

export interface NamedNetwork {
  readonly name: string;
  readonly id: string;
}

/** The address of a container in a network; IPv6 only where there is no IPv4. */
export function dialledAt({ ipv4, ipv6 }: Pick<Attachment, 'ipv4' | 'ipv6'>): string {
  return ipv4 !== '' ? ipv4 : ipv6;
}

/** User-defined networks before the default `bridge`, then by name, so that the choice is the same after every restart. */
export function byPreference(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'bridge') return 1;
  if (b === 'bridge') return -1;
  return a < b ? -1 : 1;
}

/**
 * The network that `proxy.network` means: its exact name, else `<project>_<name>` as compose calls it, else the only one
 * that ends in `_<name>`.
 */
export function findNetwork(networks: readonly NamedNetwork[], wanted: string, project: string): NamedNetwork | null {
  const exact = networks.find(({ name }) => name === wanted);
  if (exact !== undefined) return exact;
  const ofProject = project === '' ? undefined : networks.find(({ name }) => name === `${project}_${wanted}`);
  if (ofProject !== undefined) return ofProject;
  const ending = networks.filter(({ name }) => name.endsWith(`_${wanted}`));
  return ending.length === 1 ? (ending[0] as NamedNetwork) : null;
}
