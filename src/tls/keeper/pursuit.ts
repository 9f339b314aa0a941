import { renewalDueMs } from '../acme/renewal.ts';
import type { CertificateProblem } from '../certificate-view.ts';
import type { AcmeWanted, HeldCertificate } from './keeper-tools.ts';

/** How one certificate of an issuer stands: what is wanted, what is held, and what happens next. */
export class Pursuit {
  wanted: AcmeWanted;
  held: HeldCertificate | null = null;
  /** When the held one is to be renewed, epoch ms. */
  renewAtMs = 0;
  /** The issuer is being asked when. */
  asking = false;
  /** When it was asked last, epoch ms. */
  askedAtMs = 0;
  /** No attempt before, epoch ms; 0 = at once. */
  notBeforeMs = 0;
  /** Why there is a pause, where no attempt has failed. */
  pause = '';
  /** Attempts in a row that failed. */
  failures = 0;
  problem: CertificateProblem | null = null;
  /** An attempt is under way, at this issuer now. */
  under: { issuer: string } | null = null;
  /** A person asks for it now. */
  insisted = false;
  /** A handshake waited for it first: it is no host of the table. */
  onDemand: boolean;

  constructor(wanted: AcmeWanted, { onDemand }: { readonly onDemand: boolean }) {
    this.wanted = wanted;
    this.onDemand = onDemand;
  }

  /** What it holds was ordered for something else, such as a wildcard. */
  get borrows(): boolean {
    return this.held !== null && this.held.wantedId !== this.wanted.id;
  }

  take(held: HeldCertificate): void {
    this.held = held;
    this.renewAtMs = latestRenewalMs(held);
    this.askedAtMs = 0;
    this.notBeforeMs = 0;
    this.pause = '';
    this.failures = 0;
    this.problem = null;
  }
}

/** The last moment that our own rule allows, whatever its issuer says: it holds until the issuer has said something. */
function latestRenewalMs({ certificate }: HeldCertificate): number {
  const { notAfterMs } = certificate;
  return renewalDueMs(certificate, { startMs: notAfterMs, endMs: notAfterMs });
}
