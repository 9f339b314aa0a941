import { randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../cli/settings.ts';
import type { Problem } from '../labels/problem.ts';
import type { BuiltTable } from '../routing/build.ts';
import { PemFiles } from '../store/pem-files.ts';
import { openStore, type Store } from '../store/store.ts';
import { AcmeAccounts } from '../tls/acme/acme-accounts.ts';
import type { ChallengeBoard, DnsRecords } from '../tls/acme/challenge.ts';
import type { Issuer } from '../tls/acme/issuer.ts';
import { OrderLedger } from '../tls/acme/ledger.ts';
import { runOrder } from '../tls/acme/order.ts';
import { RenewalTimes } from '../tls/acme/renewal-times.ts';
import type { CertificateSet } from '../tls/certificate-set.ts';
import { ClientAuthorities } from '../tls/client-authorities.ts';
import { clientProblems } from '../tls/client-problems.ts';
import { dnsRecords } from '../tls/dns/dns-records.ts';
import { systemResolverAt } from '../tls/dns/dns-resolver.ts';
import { FileCertificates } from '../tls/file-certificates.ts';
import { InternalCa } from '../tls/internal-ca.ts';
import { CertificateKeeper } from '../tls/keeper/certificate-keeper.ts';
import type { AcmeWanted, HeldCertificates } from '../tls/keeper/keeper-tools.ts';
import type { OrderTurns } from '../tls/keeper/order-turns.ts';
import { throwawayPair } from '../tls/throwaway-pair.ts';
import { orderCheck } from './order-check.ts';

export interface CertificateOffice {
  readonly keeper: CertificateKeeper;
  /** What keeps the hosts of these routes, the last that the keeper was told of, from being served over TLS. */
  problems(built: BuiltTable): readonly Problem[];
  /** PEM of the roots of the internal CA; null while there is none. */
  rootPem(): string | null;
  /** Gives up orders under way, which the next start finishes; resolves once that is written down, or soon after. */
  close(): Promise<void>;
}

/** Whoever takes longer to give an order up is not waited for: it counts as lost, and has to wait a minute at the next start. */
const closeMsMax = 3_000;

/**
 * Opens what certificates need on disk and wires the keeper to it: store, ledger, files, internal CA, issuers.
 *
 * @throws StoreFailure where the data directory cannot be used.
 */
export async function openCertificateOffice(about: {
  readonly settings: Settings;
  readonly board: ChallengeBoard;
  readonly publish: (set: CertificateSet) => void;
  /** null = no other proxy has its certificates together with this one. */
  readonly turns: OrderTurns | null;
  /** Of what the keeper's views say. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<CertificateOffice> {
  const { settings, board, publish, onChange, turns, clock, log } = about;
  const { dataDir, issuers } = settings;
  const store = openStore({ dataDir, log, clock });
  try {
    const ledger = await OrderLedger.open({ store: store.of('ledger'), clock, random: Math.random });
    if (ledger.damage !== null) log.error({}, ledger.damage);
    const internal = new InternalCa({ dataDir, log, nowMs: clock.now() });
    const files = new FileCertificates({ dataDir, clock, log, onChange: () => keeper.filesChanged() });
    const renewals = new RenewalTimes({ issuers, clock, log });
    const authorities = new ClientAuthorities({ env: process.env, log });
    const keeper: CertificateKeeper = new CertificateKeeper({
      ...{ clock, log, issuers, ledger, files, publish, onChange, turns },
      held: heldCertificates(new PemFiles({ dataDir, log, clock })),
      preflight: orderCheck({
        ...{ settings, board, clock, log },
        certify: (name) => throwawayPair(name, clock.now()),
      }),
      order: orders({ settings, store, board, clock, log }),
      renewalTime: ({ certificate, issuer }, signal) => renewals.of(certificate, issuer, signal),
      issueInternal: (names) => internal.issue(names, clock.now()),
      clientCa: (ref) => authorities.read(ref),
      answersUnknown: settings.unknownHost !== 'close',
    });
    return {
      keeper,
      problems: (built) => [...keeper.problems(), ...clientProblems(built, (ref) => authorities.fault(ref))],
      rootPem: () => internal.rootPem,
      async close() {
        files.close();
        await soon(keeper.close(), clock);
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function soon(work: Promise<void>, clock: Clock): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimeout(resolve, closeMsMax);
  work.then(resolve, reject).finally(() => timer.cancel());
  return promise;
}

function heldCertificates(files: PemFiles): HeldCertificates {
  return {
    all: () =>
      files.all.map(({ certificate, about: { issuer, directoryUrl, wantedId } }) => ({
        ...{ certificate, issuer, directoryUrl, wantedId },
      })),
    save({ certificate, ...about }) {
      files.save(certificate, about);
    },
    archive({ certificate }) {
      files.archive(certificate.id);
    },
  };
}

function orders(about: {
  readonly settings: Settings;
  readonly store: Store;
  readonly board: ChallengeBoard;
  readonly clock: Clock;
  readonly log: Log;
}): ConstructorParameters<typeof CertificateKeeper>[0]['order'] {
  const { settings, store, board, clock, log } = about;
  const accounts = new AcmeAccounts(store.of('accounts'));
  const unfinished = store.of('orders');
  const dns = new Map<string, DnsRecords>();
  const resolverAt = systemResolverAt({ servers: settings.resolvers });
  for (const { name, dns: access } of settings.issuers) {
    if (access === null) continue;
    const surroundings = { clock, log, resolverAt, random: Math.random, env: process.env };
    dns.set(name, dnsRecords(access, surroundings));
  }
  return ({ wanted, issuer, replaces, signal }) =>
    runOrder(
      { issuer, names: wanted.names, challenges: challengesFor(wanted, issuer, settings), replaces },
      { board, dns: dns.get(issuer.name) ?? null, accounts, store: unfinished, clock, log, signal },
    );
}

/** Without a listener for HTTP nobody could answer that challenge. */
export function challengesFor(
  { source }: AcmeWanted,
  { dns }: Issuer,
  { http }: Pick<Settings, 'http'>,
): readonly ('http' | 'alpn' | 'dns')[] {
  if (source.challenges.length > 0) return source.challenges;
  return [...(http === null ? [] : (['http'] as const)), 'alpn', ...(dns === null ? [] : (['dns'] as const))];
}

/** A text that nobody can guess, of URL characters. */
export const secretText = (): string => randomBytes(24).toString('base64url');
