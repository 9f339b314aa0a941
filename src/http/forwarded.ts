import { BlockList, isIP } from 'node:net';
import type { HeaderList } from './header-list.ts';
import { framingNames, ownNames } from './special-names.ts';
import type { Client } from './transport.ts';

/** Who is really asking, and for what origin: after believing, or not, what a proxy in front of us said. */
export interface ClientIdentity {
  /** The client's address, without brackets. */
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** As the client asked for it, port included. */
  readonly host: string;
  readonly port: number;
  /** The peer is in `FAIRLEAD_TRUSTED`. */
  readonly trusted: boolean;
}

/** `FAIRLEAD_TRUSTED` as a set of networks. Anything that is not an IP address is never trusted. */
export class TrustedNetworks {
  readonly #list = new BlockList();
  readonly #empty: boolean;

  /** @param cidrs single addresses or CIDRs, already validated. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) {
      const [address = '', bits] = cidr.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
    this.#empty = cidrs.length === 0;
  }

  has(address: string): boolean {
    if (this.#empty) return false;
    // BlockList.check() of something that is no address is silently false only by luck; ask first.
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}

/** Hops of X-Forwarded-For that are looked at; a longer chain is cut on the far side. */
const hopsMax = 50;

/**
 * Resolves who asks. X-Forwarded-* are believed only from a trusted peer; the client is the last address in
 * X-Forwarded-For that is not itself a trusted proxy, because everything to the left of it is the client's own claim.
 */
export function identifyClient(
  client: Client,
  authority: string,
  headers: HeaderList,
  trustedNetworks: TrustedNetworks,
): ClientIdentity {
  const trusted = trustedNetworks.has(client.address);
  const own = {
    address: client.address,
    scheme: client.secure ? 'https' : 'http',
    host: authority,
    port: client.localPort,
    trusted,
  } as const;
  if (!trusted) return own;

  const proto = lastItem(headers.get('x-forwarded-proto'))?.toLowerCase();
  const scheme = proto === 'https' || proto === 'http' ? proto : own.scheme;
  const port = Number(lastItem(headers.get('x-forwarded-port')));
  return {
    address: realAddress(client.address, headers.all('x-forwarded-for'), trustedNetworks),
    scheme,
    host: lastItem(headers.get('x-forwarded-host')) || authority,
    port:
      Number.isInteger(port) && port > 0 && port < 65_536
        ? port
        : scheme === own.scheme
          ? own.port
          : defaultPort(scheme),
    trusted,
  };
}

function defaultPort(scheme: 'http' | 'https'): number {
  return scheme === 'https' ? 443 : 80;
}

function lastItem(value: string | undefined): string | undefined {
  return value?.slice(value.lastIndexOf(',') + 1).trim();
}

function realAddress(peer: string, lines: readonly string[], trustedNetworks: TrustedNetworks): string {
  const hops = lines.join(',').split(',').slice(-hopsMax);
  let address = peer;
  for (let i = hops.length - 1; i >= 0; i--) {
    const hop = bareAddress((hops[i] as string).trim());
    if (isIP(hop) === 0) break;
    address = hop;
    if (!trustedNetworks.has(hop)) break;
  }
  return address;
}

/** Some proxies write `[::1]:1234` or `10.0.0.1:1234`. */
function bareAddress(hop: string): string {
  if (hop.startsWith('[')) return hop.slice(1, hop.indexOf(']'));
  const colon = hop.indexOf(':');
  return colon > 0 && colon === hop.lastIndexOf(':') ? hop.slice(0, colon) : hop;
}

function isOwn(lower: string): boolean {
  return ownNames.has(lower) || lower.startsWith('x-forwarded-');
}

/**
 * Writes the forwarded headers of the contract in place of whatever the client sent. CGI-style backends read `_` as `-`,
 * so `X_Forwarded_For` or `Content_Length` would be a second voice there: such names are dropped (contract §5), and so is
 * `Proxy` (httpoxy). `Forwarded` (RFC 7239) passes only from a trusted peer.
 */
export function writeForwarded(headers: HeaderList, client: Client, identity: ClientIdentity, requestId: string): void {
  const chain = identity.trusted ? headers.all('x-forwarded-for').join(', ') : '';
  headers.filterSpecial((lower) => {
    if (lower.includes('_')) {
      const folded = lower.replaceAll('_', '-');
      return !isOwn(folded) && !framingNames.has(folded);
    }
    return !isOwn(lower) || (lower === 'forwarded' && identity.trusted);
  });
  headers.append('X-Real-IP', identity.address);
  headers.append('X-Forwarded-For', chain === '' ? client.address : `${chain}, ${client.address}`);
  headers.append('X-Forwarded-Proto', identity.scheme);
  headers.append('X-Forwarded-Host', identity.host);
  headers.append('X-Forwarded-Port', String(identity.port));
  headers.append('X-Request-Id', requestId);
}
