import { Resolver } from 'node:dns/promises';
import { hostAndPort } from '../../http/authority.ts';

/** What we ask of DNS; node's Resolver is one. Rejects with `code` ENODATA or ENOTFOUND where there is nothing of the kind. */
export interface DnsResolver {
  resolveCname(name: string): Promise<string[]>;
  resolveNs(name: string): Promise<string[]>;
  resolveTxt(name: string): Promise<string[][]>;
  resolve4(name: string): Promise<string[]>;
  resolve6(name: string): Promise<string[]>;
}

/** Asks one server, or those of the system with null. */
export type ResolverAt = (address: string | null) => DnsResolver;

/** A server that is well answers in a tenth of the first; it doubles with each try. */
const patience = { timeout: 2_000, tries: 2 };

/**
 * The real one.
 *
 * @param port of every server that is named by its address.
 * @param servers `address:port` of those that are asked with null; those of the system where there is none.
 */
export function systemResolverAt(
  about: { readonly port?: number; readonly servers?: readonly string[] } = {},
): ResolverAt {
  const { port = 53, servers = [] } = about;
  return (address) => {
    const resolver = new Resolver(patience);
    if (address !== null) resolver.setServers([hostAndPort(address, port)]);
    else if (servers.length > 0) resolver.setServers(servers);
    return resolver;
  };
}

/** What DNS says; `missing`: surely nothing; `unknown`: nobody answered. */
export type Lookup =
  | { readonly kind: 'found'; readonly values: readonly string[] }
  | { readonly kind: 'missing' | 'unknown' };

export async function lookUp(asked: Promise<readonly string[]>): Promise<Lookup> {
  try {
    const values = (await asked).map((value) => value.toLowerCase().replace(/\.$/, ''));
    return values.length > 0 ? { kind: 'found', values } : { kind: 'missing' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { kind: code === 'ENODATA' || code === 'ENOTFOUND' ? 'missing' : 'unknown' };
  }
}
