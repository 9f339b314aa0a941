/** How a certificate stands, as `/certs`, `/routes` and `fairlead certs` show it. Times are ISO 8601, UTC. */
export interface CertificateView {
  readonly names: readonly string[];
  readonly mode: 'acme' | 'internal' | 'file';
  readonly state: CertificateState;
  /** The state in a sentence, with what to do where there is something to do. */
  readonly why: string;
  /** Who signed the certificate in use; null without one. */
  readonly issuer: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /** When the next order is due. */
  readonly nextAttempt: string | null;
  /** Failed orders in a row. */
  readonly failures: number;
  readonly problem: CertificateProblem | null;
  /** Ids of the routes that need it; empty for one that is kept though nothing needs it. */
  readonly routes: readonly string[];
}

export type CertificateState =
  /** In use, nothing to do. */
  | 'valid'
  /** An order is under way. */
  | 'ordering'
  /** No certificate yet; the next attempt has a time. */
  | 'waiting'
  /** In use, but the last attempt to renew it failed. */
  | 'renewal-failing'
  | 'expired'
  /** A public name, and no issuer is set. */
  | 'no-issuer'
  /** `cert:<name>` that is not there or cannot be read. */
  | 'missing'
  /** Kept for 30 days after its last route went. */
  | 'unused';

/** The last failure in full. */
export interface CertificateProblem {
  readonly at: string;
  /** Name of the issuer in the settings; '' where none was asked. */
  readonly issuer: string;
  /** RFC 8555 §6.7, such as `urn:ietf:params:acme:error:rateLimited`; '' where the failure is none of the issuer's. */
  readonly type: string;
  /** HTTP status of the issuer; null where it did not answer. */
  readonly status: number | null;
  readonly detail: string;
  readonly subproblems: readonly { readonly name: string; readonly type: string; readonly detail: string }[];
  /** In plain words: what is wrong. */
  readonly cause: string;
  /** And what to do. */
  readonly remedy: string;
  /** Not before this time, said the issuer. */
  readonly retryAfter: string | null;
}
