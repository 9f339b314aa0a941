/** A certificate authority that speaks ACME, as the settings name it. */
export interface Issuer {
  /** `default` for `FAIRLEAD_ACME_*`, else as labels call it: `FAIRLEAD_ISSUER_OUR_CA_*` is `our-ca`. */
  readonly name: string;
  readonly directoryUrl: string;
  /** Where failures are tried out without cost; null = there is none. */
  readonly stagingUrl: string | null;
  /** '' = none. */
  readonly email: string;
  /** PEM of the authority that vouches for the directory's own HTTPS; null = the usual ones. */
  readonly caPem: string | null;
  /** External account binding (RFC 8555 §7.3.4). */
  readonly eab: { readonly kid: string; readonly hmacKey: string } | null;
  /** ACME profile, such as `shortlived`; null = the issuer's default. */
  readonly profile: string | null;
  /** How TXT records are set for DNS-01; null = that challenge cannot be used. */
  readonly dns: DnsAccess | null;
}

export type DnsAccess =
  | {
      readonly kind: 'rfc2136';
      /** A name or an address, without brackets. */
      readonly server: { readonly host: string; readonly port: number };
      readonly keyName: string;
      /** Base64, as `tsig-keygen` prints it. */
      readonly secret: string;
      readonly algorithm: 'hmac-sha256' | 'hmac-sha512';
    }
  | { readonly kind: 'cloudflare'; readonly token: string }
  | {
      readonly kind: 'acmedns';
      readonly url: string;
      readonly username: string;
      readonly password: string;
      readonly subdomain: string;
      /** What `_acme-challenge.<name>` has to be a CNAME for; begins with the subdomain. */
      readonly fullDomain: string;
    }
  /** Called with `present` or `cleanup`, the record's name and its value. */
  | { readonly kind: 'exec'; readonly command: string };
