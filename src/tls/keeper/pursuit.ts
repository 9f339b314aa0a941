import type { CertificateProblem } from '../certificate-view.ts';
import { coversHost } from '../covers-host.ts';
import type { AcmeWanted, HeldCertificate } from './keeper-tools.ts';

/** How one certificate of an issuer stands: what is wanted, what is held, and what happens next. */
export class Pursuit {
  wanted: AcmeWanted;
  held: HeldCertificate | null = null;
  /** When the held one is to be renewed, epoch ms; null = not known yet. */
  renewAtMs: number | null = null;
  /** When the issuer was asked about that last, epoch ms. */
  askedAtMs = 0;
  /** No attempt before, epoch ms; 0 = at once. */
  notBeforeMs = 0;
  /** Why there is a pause, where no attempt has failed. */
  pause = '';
  /** Attempts in a row that failed. */
  failures = 0;
  problem: CertificateProblem | null = null;
  /** An attempt is under way. */
  under: AbortController | null = null;
  /** A handshake waited for it first: it is no host of the table. */
  readonly onDemand: boolean;

  constructor(wanted: AcmeWanted, { onDemand }: { readonly onDemand: boolean }) {
    this.wanted = wanted;
    this.onDemand = onDemand;
  }

  /** When the next attempt is due, epoch ms; null while nothing can be said. */
  dueMs(): number | null {
    if (this.under !== null) return null;
    if (this.held === null) return this.notBeforeMs;
    return this.renewAtMs === null ? null : Math.max(this.renewAtMs, this.notBeforeMs);
  }

  /** Whether a certificate is good for all that is wanted; of any issuer where the label names none. */
  isServedBy({ certificate, issuer }: HeldCertificate): boolean {
    const { names, source } = this.wanted;
    if (source.issuer !== null && source.issuer !== issuer) return false;
    return names.every(
      (name) => certificate.names.includes(name) || (!name.startsWith('*') && coversHost(certificate.names, name)),
    );
  }

  take(held: HeldCertificate): void {
    this.held = held;
    this.renewAtMs = null;
    this.notBeforeMs = 0;
    this.pause = '';
    this.failures = 0;
    this.problem = null;
  }
}
