import { bracketed } from '../http/authority.ts';
import type { Client } from '../http/transport.ts';
import type { RoutePolicy } from '../routing/table.ts';
import type { Journey } from './journey.ts';
import type { Requester } from './requester.ts';
import type { ShownCertificates } from './shown-certificates.ts';

const challengePath = '/.well-known/acme-challenge/';

/** `refuse`: the site is not served over a plain connection, and there is nowhere to send the client. */
export type Entrance = 'open' | 'redirect' | 'refuse';

/** Of a request, what decides how it may enter; who explains a decision has no more. */
interface Arrival extends Pick<Journey, 'host' | 'target'> {
  readonly client: Pick<Journey['client'], 'scheme'>;
  readonly exchange: { readonly client: Pick<Client, 'tls'> };
  readonly requester: Pick<Requester, 'authority'>;
}

/**
 * Whether a request may enter by the connection it came on (`proxy.http`, `proxy.tls.client`). A trusted proxy in front that
 * ended TLS counts as TLS, or a redirect would go in circles, but it has shown us no certificate of the client.
 */
export function entranceOf(
  arrival: Arrival,
  policy: RoutePolicy,
  certificates: Pick<ShownCertificates, 'httpsPort' | 'isReady'>,
): Entrance {
  const overTls = arrival.exchange.client.tls !== undefined;
  if (overTls || (arrival.client.scheme === 'https' && !policy.clientCertificate)) return 'open';
  if (policy.http === 'serve' && !policy.clientCertificate) return 'open';
  if (policy.http === 'redirect') {
    const { httpsPort } = certificates;
    if (policy.tls && httpsPort !== null && certificates.isReady(arrival.host)) return 'redirect';
    if (!policy.clientCertificate) return 'open';
  }
  return 'refuse';
}

/**
 * Where the same page is over HTTPS. Who came without a port is told none, as behind port mappings 80 and 443 are what the
 * world sees; who wrote one came to our own listener, and so is told the other's.
 */
export function secureLocation(arrival: Arrival, httpsPort: number | null): string {
  const { host, target } = arrival;
  const asked = arrival.requester.authority?.port ?? null;
  const port = asked === null || asked === 80 || httpsPort === null || httpsPort === 443 ? '' : `:${httpsPort}`;
  return `https://${bracketed(host)}${port}${target.startsWith('/') ? target : '/'}`;
}

/** The token of an issuer's question (RFC 8555 §8.3); null where the path is no such question. */
export function challengeToken(path: string): string | null {
  if (!path.startsWith(challengePath)) return null;
  const token = path.slice(challengePath.length);
  return /^[\w-]{1,256}$/.test(token) ? token : null;
}
