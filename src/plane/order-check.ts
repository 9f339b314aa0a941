import { Resolver } from 'node:dns/promises';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../cli/settings.ts';
import type { ChallengeBoard } from '../tls/acme/challenge.ts';
import { waysToProve } from '../tls/acme/challenge-choice.ts';
import { findingText } from '../tls/acme/finding.ts';
import { preflight } from '../tls/acme/preflight.ts';
import { networkProbe } from '../tls/acme/probe.ts';
import type { Preflight } from '../tls/keeper/keeper-tools.ts';
import { challengesFor, secretText } from './certificate-office.ts';

/** The look at a host's names before an order is spent on them (`FAIRLEAD_ACME_PREFLIGHT`). */
export function orderCheck(about: {
  readonly settings: Pick<Settings, 'acmePreflight' | 'resolvers' | 'http'>;
  readonly board: ChallengeBoard;
  readonly certify: (name: string) => Promise<{ readonly chainPem: string; readonly keyPem: string }>;
  readonly clock: Clock;
  readonly log: Log;
}): Preflight {
  const { settings, board, certify, clock, log } = about;
  const probe = networkProbe();
  return async (wanted, issuer, signal) => {
    if (!settings.acmePreflight) return [];
    const preference = challengesFor(wanted, issuer, settings);
    // What DNS proves need not lead to us.
    const reached = (kind: 'http' | 'alpn') =>
      wanted.names.filter((name) => {
        const ways = waysToProve(name, { preference, dns: issuer.dns !== null });
        return ways.kind === 'some' && ways.kinds[0] === kind;
      });
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    if (settings.resolvers.length > 0) resolver.setServers(settings.resolvers);
    const looks = { board, resolver, probe, clock, secret: secretText };
    const findings = [
      ...(await preflight(reached('http'), { ...looks, challenge: { kind: 'http' } })),
      ...(await preflight(reached('alpn'), { ...looks, challenge: { kind: 'alpn', certify } })),
    ];
    signal.throwIfAborted();
    for (const finding of findings)
      if (finding.weight !== 'fine') log.warn({ name: finding.name }, `before an order: ${findingText(finding)}`);
    return findings;
  };
}
