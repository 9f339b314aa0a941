import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { DnsRecords } from '../acme/challenge.ts';
import type { DnsAccess } from '../acme/issuer.ts';
import { acmeDns } from './acme-dns.ts';
import { challengeRecord } from './challenge-record.ts';
import { cloudflare } from './cloudflare.ts';
import type { ResolverAt } from './dns-resolver.ts';
import { execHook } from './exec-hook.ts';
import { propagated } from './propagation.ts';
import { rfc2136 } from './rfc2136.ts';
import type { TxtProvider } from './txt-provider.ts';
import { type HeldValue, TxtValues } from './txt-values.ts';

export interface DnsSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** `systemResolverAt()`. */
  readonly resolverAt: ResolverAt;
  /** As Math.random. */
  readonly random: () => number;
  /** Of the proxy; an exec hook gets it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long the servers of a zone have for telling a value, before the order goes on without; 2 minutes by default. */
  readonly propagationMsMax?: number;
  /** Another address of Cloudflare's API, without a slash at its end. */
  readonly cloudflareUrl?: string;
}

/**
 * TXT records through one access. One for all orders of the issuers that share it: values are counted in it.
 * An abort of `add` throws the signal's reason and takes the record back; only one that was just being set may stay behind.
 */
export function dnsRecords(access: DnsAccess, about: DnsSurroundings): DnsRecords {
  const { clock, log, resolverAt, propagationMsMax: waitMsMax = 120_000 } = about;
  const values = new TxtValues(providerOf(access, about), { clock });
  return {
    async add(name, value, signal) {
      const record = await challengeRecord(name.toLowerCase(), resolverAt(null));
      const held = await values.add(record, value, signal);
      try {
        await propagated(record.owner, value, { clock, log, resolverAt, waitMsMax, signal });
      } catch (error) {
        await withdraw(held, { log, owner: record.owner });
        throw error;
      }
      return held;
    },
  };
}

/** What failed before is what the caller hears of; that a record stays is told besides. */
async function withdraw(held: HeldValue, about: { readonly log: Log; readonly owner: string }): Promise<void> {
  try {
    await held.remove();
  } catch (error) {
    about.log.warn({ record: about.owner, error: (error as Error).message }, 'a TXT record could not be taken away');
  }
}

function providerOf(access: DnsAccess, about: DnsSurroundings): TxtProvider {
  const { clock } = about;
  switch (access.kind) {
    case 'rfc2136': {
      const secret = Buffer.from(access.secret, 'base64');
      const key = { name: access.keyName, algorithm: access.algorithm, secret };
      return rfc2136({ server: access.server, key, clock, random: about.random });
    }
    case 'cloudflare':
      return cloudflare({
        token: access.token,
        baseUrl: about.cloudflareUrl ?? 'https://api.cloudflare.com/client/v4',
        clock,
      });
    case 'acmedns':
      return acmeDns(access, { clock });
    case 'exec':
      return execHook({ command: access.command, clock, env: about.env });
    default:
      return access satisfies never;
  }
}
