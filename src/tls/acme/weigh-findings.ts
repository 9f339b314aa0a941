import { BlockList, isIPv6 } from 'node:net';
import { trustedNetworkWords } from '../../http/trusted-networks.ts';
import type { Finding, FindingKind, FindingWeight } from './finding.ts';

/**
 * Decides which findings hold an order back. Only what an issuer would see as well may do so:
 * - A name that DNS says does not exist, or has no address, is fatal. A resolver that gives no answer proves nothing.
 * - An address that cannot be reached is a warning: routers often do not let a house call its own public address (hairpin), a host
 *   may have no IPv6 of its own, and a firewall may ask where one comes from. IPv6 that is dead does not even harm where IPv4
 *   works: issuers try the other then.
 * - Another server at a public address is suspect: a forgotten A or AAAA record is the most frequent of all mistakes, but a router
 *   may answer for itself where it is called from inside. Issuers ask IPv6 first, so with IPv6 that reaches us IPv4 is a warning.
 * - At a private address it is a warning: the issuer sees another DNS than we do, or is a private one.
 * - A redirect is a warning: issuers follow it, and proxies in front of us send them on.
 */
export function weighed(name: string, found: readonly FindingKind[]): readonly Finding[] {
  const isSixOurs =
    found.some((one) => one.kind === 'reached' && isIPv6(one.address)) &&
    !found.some((one) => one.kind === 'other-server' && isIPv6(one.address));
  return found.map((one) => ({ ...one, name, weight: weightOf(one, isSixOurs) }));
}

function weightOf(found: FindingKind, isSixOurs: boolean): FindingWeight {
  switch (found.kind) {
    case 'reached':
      return isPrivate(found.address) ? 'warning' : 'fine';
    case 'unresolved':
      return found.answer === 'no-answer' ? 'warning' : 'fatal';
    case 'other-server':
      return isPrivate(found.address) || isSixOurs ? 'warning' : 'suspect';
    case 'redirected':
    case 'unreachable':
      return 'warning';
    default:
      return found satisfies never;
  }
}

const privateNetworks = new BlockList();
// Beside what `private` means everywhere: carriers' own (RFC 6598).
for (const cidr of [...trustedNetworkWords.private, '100.64.0.0/10']) {
  const [network = '', bits] = cidr.split('/');
  privateNetworks.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4');
}

/** Whether nobody on the public internet gets there. */
export function isPrivate(address: string): boolean {
  return privateNetworks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
