/** What every worker must be able to answer while an issuer checks a name. Plain data. */
export type ChallengeAnswer =
  /** `GET /.well-known/acme-challenge/<token>` on port 80 (RFC 8555 §8.3). */
  | { readonly kind: 'http'; readonly name: string; readonly token: string; readonly keyAuthorization: string }
  /** A handshake with ALPN `acme-tls/1` on port 443 (RFC 8737). */
  | { readonly kind: 'alpn'; readonly name: string; readonly chainPem: string; readonly keyPem: string };

/** Where challenges are shown. */
export interface ChallengeBoard {
  /** Resolves once every worker answers it; `remove` takes it back. */
  show(answer: ChallengeAnswer): Promise<{ remove(): void }>;
}

/** TXT records for DNS-01 (RFC 8555 §8.4). */
export interface DnsRecords {
  /**
   * Adds a value to `_acme-challenge.<name>`, beside those that are there, and waits until the zone's own servers tell it.
   *
   * @param name without `_acme-challenge.` and `*.`.
   * @throws AcmeFailure when it cannot be set.
   */
  add(name: string, value: string, signal: AbortSignal): Promise<{ remove(): Promise<void> }>;
}
