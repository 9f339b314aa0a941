import type { CertificateProblem } from './certificate-view.ts';

/** Somebody wants certificates ordered now. */
export interface RenewRequest {
  /** Lower case, or `*.example.com`; null = every certificate that an issuer signs. */
  readonly host: string | null;
  /** The whole order, but on the issuer's staging directory; nothing is replaced. */
  readonly dry: boolean;
}

/** What came of it. */
export type RenewAnswer =
  /** The orders go on; `/certs` shows how they end. */
  | {
      readonly kind: 'begun';
      readonly begun: readonly RenewedCertificate[];
      readonly held: readonly HeldCertificate[];
    }
  /** All orders of a dry run have ended. */
  | { readonly kind: 'tried'; readonly tried: readonly TriedCertificate[] }
  /** The host has none, and is to get none. */
  | { readonly kind: 'no-certificate' }
  /** Nobody has to be asked for it: the internal CA's, or files of the operator; or nobody can be. `why` is a sentence. */
  | { readonly kind: 'nothing-to-order'; readonly why: string };

export interface RenewedCertificate {
  readonly names: readonly string[];
  /** Name of the issuer in the settings. */
  readonly issuer: string;
}

/** One that is not ordered, because the issuer would refuse it. */
export interface HeldCertificate {
  readonly names: readonly string[];
  readonly why: string;
  /** ISO 8601, UTC. */
  readonly notBefore: string;
}

export interface TriedCertificate extends RenewedCertificate {
  /** null = it would be signed. */
  readonly problem: CertificateProblem | null;
}
