import { BlockList, isIP } from 'node:net';
import { framingFields, ownFields, ownFieldsButForwarded, underscoredFields } from './field-names.ts';
import { HeaderBlock } from './header-block.ts';
import type { HeaderList } from './header-list.ts';
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

/**
 * Removes whatever the client sent in the place of the forwarded headers of the contract. CGI-style backends read `_` as `-`,
 * so `X_Forwarded_For` or `Content_Length` would be a second voice there: such names are dropped (contract §5), and so is
 * `Proxy` (httpoxy). `Forwarded` (RFC 7239) passes only from a trusted peer.
 */
export function clearForwarded(headers: HeaderList, { trusted }: ClientIdentity): void {
  headers.filterIn(underscoredFields, (lower) => {
    const folded = lower.replaceAll('_', '-');
    return !ownFields.has(folded) && !framingFields.has(folded);
  });
  headers.drop(trusted ? ownFieldsButForwarded : ownFields);
}

/**
 * The forwarded headers of the contract, but for the request's id.
 *
 * @param chain lines of X-Forwarded-For that came in; believed only from a trusted peer.
 */
export function forwardedBlock(client: Client, identity: ClientIdentity, chain: readonly string[]): HeaderBlock {
  const before = identity.trusted ? chain.join(', ') : '';
  return new HeaderBlock([
    ...['X-Real-IP', identity.address],
    ...['X-Forwarded-For', before === '' ? client.address : `${before}, ${client.address}`],
    ...['X-Forwarded-Proto', identity.scheme],
    ...['X-Forwarded-Host', identity.host],
    ...['X-Forwarded-Port', String(identity.port)],
  ]);
}
