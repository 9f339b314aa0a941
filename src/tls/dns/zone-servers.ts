import { lookUp, type ResolverAt } from './dns-resolver.ts';

/** A zone as the world sees it. */
export interface Zone {
  readonly name: string;
  /** At least one. */
  readonly servers: readonly ZoneServer[];
}

/** One address of a name server. */
export interface ZoneServer {
  readonly name: string;
  readonly address: string;
}

/** Addresses that are asked at most. Zones have 2 to 13 servers. */
const serversMax = 32;

/** The zone that a name is in, and its servers; null where they cannot be found out. */
export async function zoneServers(name: string, resolverAt: ResolverAt): Promise<Zone | null> {
  const resolver = resolverAt(null);
  const labels = name.split('.');
  for (let skipped = 0; skipped < labels.length; skipped += 1) {
    const candidate = labels.slice(skipped).join('.');
    // A resolver follows a CNAME to another name, whose servers are not those of this one.
    const [alias, servers] = await Promise.all([
      lookUp(resolver.resolveCname(candidate)),
      lookUp(resolver.resolveNs(candidate)),
    ]);
    if (servers.kind === 'unknown') return null;
    if (alias.kind === 'found' || servers.kind !== 'found') continue;
    const addresses = await Promise.all(servers.values.map((server) => addressesOf(server, resolverAt)));
    const found = addresses.flat().slice(0, serversMax);
    return found.length > 0 ? { name: candidate, servers: found } : null;
  }
  return null;
}

async function addressesOf(name: string, resolverAt: ResolverAt): Promise<readonly ZoneServer[]> {
  const resolver = resolverAt(null);
  const found = await Promise.all([lookUp(resolver.resolve4(name)), lookUp(resolver.resolve6(name))]);
  return found.flatMap((one) => (one.kind === 'found' ? one.values.map((address) => ({ name, address })) : []));
}
