/** Where a certificate comes from. */
export type CertificateSource =
  /** `issuer` null = the default one, then the others in turn. */
  | {
      readonly kind: 'acme';
      readonly issuer: string | null;
      /** In order of preference; empty = whatever works. */
      readonly challenges: readonly ('http' | 'alpn' | 'dns')[];
    }
  | { readonly kind: 'internal' }
  /** `<data>/certs/<name>/`, which the operator keeps. */
  | { readonly kind: 'file'; readonly name: string };

/** A certificate that the routes need. */
export interface WantedCertificate {
  /** Identity that survives changes of the table: the source and the sorted names. */
  readonly id: string;
  /** Lower case, sorted; `*.example.com` among them where asked. With `file` the hosts it is to serve. */
  readonly names: readonly string[];
  readonly source: CertificateSource;
  /** Ids of the routes that need it. */
  readonly routes: readonly string[];
}
