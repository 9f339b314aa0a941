import { createServer } from 'node:net';
import { listenFailure } from '../base/listen-failure.ts';
import type { ListenPlan } from './messages.ts';

type Claimed = Omit<ListenPlan, 'tls'>;

/** An address to listen on that cannot be had; the message names the setting and what to do. */
export class PortUnavailable extends Error {}

interface Address {
  readonly host: string | undefined;
  readonly port: number;
}

/** Claims every listener's address, so that all that cannot be had are told at once. @throws PortUnavailable */
export async function claimPorts(addresses: {
  readonly http: Address | null;
  readonly https: Address | null;
  readonly admin: Address | null;
}): Promise<{ http: Claimed | null; https: Claimed | null; admin: Claimed | null }> {
  const claims = await Promise.allSettled([
    addresses.http === null ? null : claimPort('FAIRLEAD_HTTP', addresses.http),
    addresses.https === null ? null : claimPort('FAIRLEAD_HTTPS', addresses.https),
    addresses.admin === null ? null : claimPort('FAIRLEAD_ADMIN', addresses.admin),
  ]);
  const failures = claims.filter((claim) => claim.status === 'rejected').map(({ reason }) => reason as Error);
  if (failures.length > 0) {
    throw new PortUnavailable(failures.map(({ message }) => message).join('\n'), { cause: failures[0] });
  }
  const [http, https, admin] = claims.map((claim) => (claim.status === 'fulfilled' ? claim.value : null));
  return { http: http ?? null, https: https ?? null, admin: admin ?? null };
}

/**
 * Makes sure that an address is free, and turns port 0 into a free port. Workers share their port by SO_REUSEPORT, with
 * which a second proxy of the same user would silently take half of the connections: so it is first bound without.
 */
export async function claimPort(setting: string, address: Address): Promise<Claimed> {
  const server = createServer();
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
        const bound = server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : address.port);
      });
    });
    return { host: address.host, port };
  } catch (error) {
    throw new PortUnavailable(
      `${setting}=${address.host ?? ''}:${address.port}: ${listenFailure(error as NodeJS.ErrnoException, address.port)}`,
      {
        cause: error,
      },
    );
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
