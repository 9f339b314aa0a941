import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Finding } from '../acme/finding.ts';
import type { Issuer } from '../acme/issuer.ts';
import type { OrderLedger } from '../acme/ledger.ts';
import type { Certificate } from '../certificate.ts';
import type { WantedCertificate } from '../wanted.ts';
import type { OrderTurns } from './order-turns.ts';

/** A certificate of an issuer, as it lies in the data directory. */
export interface HeldCertificate {
  readonly certificate: Certificate;
  /** Name of the issuer in the settings. */
  readonly issuer: string;
  /** Where that issuer was when it signed; '' = nobody knows any more. */
  readonly directoryUrl: string;
  /** What it was ordered for. */
  readonly wantedId: string;
}

/** The certificates of issuers on disk. */
export interface HeldCertificates {
  all(): readonly HeldCertificate[];
  /** In the place of the one that was ordered for the same before. @throws when it cannot be written; it is served all the same. */
  save(held: HeldCertificate): void;
  /** Sets it aside, to be found by a person. @throws when it cannot be moved. */
  archive(held: HeldCertificate): void;
}

/** A certificate that is to be had of an issuer. */
export type AcmeWanted = WantedCertificate & { readonly source: { readonly kind: 'acme' } };

/** Looks at the names as an issuer would, before an order is spent; finds nothing where it is switched off. */
export type Preflight = (wanted: AcmeWanted, issuer: Issuer, signal: AbortSignal) => Promise<readonly Finding[]>;

/** Places one order and brings it to its end. @throws AcmeFailure */
export type PlaceOrder = (order: {
  readonly wanted: AcmeWanted;
  /** Its `directoryUrl` is where the order goes, which may be the staging. */
  readonly issuer: Issuer;
  /** PEM of the certificate that it is to replace (RFC 9773 §5). */
  readonly replaces: string | null;
  readonly signal: AbortSignal;
}) => Promise<{
  readonly chainPem: string;
  readonly keyPem: string;
  /** Forgets the order, once its certificate is kept: until then a crash gets it again without another. */
  settle(): Promise<void>;
}>;

/** When a certificate is to be renewed, epoch ms: by the issuer's word where it gives one. */
export type RenewalTime = (held: HeldCertificate, signal: AbortSignal) => Promise<number>;

/** Everything that a pursuit works with. */
export interface KeeperTools {
  readonly clock: Clock;
  readonly log: Log;
  /** In the order in which they are tried. */
  readonly issuers: readonly Issuer[];
  readonly held: HeldCertificates;
  readonly ledger: OrderLedger;
  readonly preflight: Preflight;
  readonly order: PlaceOrder;
  readonly renewalTime: RenewalTime;
  /** null = no other proxy has its certificates together with this one. */
  readonly turns: OrderTurns | null;
}
