/** What a request may ask about certificates. */
export interface ShownCertificates {
  /** Port of the listener for HTTPS; null = there is none. */
  readonly httpsPort: number | null;
  /** A certificate that a client can be sent to is there; a placeholder is none. */
  isReady(host: string): boolean;
  /** What an issuer wants to read at `/.well-known/acme-challenge/<token>` (RFC 8555 §8.3); null = nothing of ours. */
  keyAuthorization(host: string, token: string): string | null;
}

/** Without HTTPS. */
export const noCertificates: ShownCertificates = {
  httpsPort: null,
  isReady: () => false,
  keyAuthorization: () => null,
};
