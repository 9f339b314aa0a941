/** A certificate with its key, ready to be shown. Plain data. */
export interface Certificate {
  /** SHA-256 of the leaf, hexadecimal. */
  readonly id: string;
  /** PEM; the leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  /** Subject alternative names, lower case: DNS names, `*.example.com`, IP addresses. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Common name of who signed it, for people. */
  readonly issuer: string;
  /** Its chain ends at an authority that browsers know: only then may a client be told to insist on HTTPS (HSTS). */
  readonly trusted: boolean;
}
