import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the clients offer: one suite of each version, and the group they prefer, so that no two proxies end up with different ones,
 * whatever each would have preferred.
 */
export const offered = {
  suite13: 'TLS_AES_128_GCM_SHA256',
  suite12: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  group: 'X25519',
  /** In TLS 1.2 the list speaks for the curve of the certificate too (RFC 8422 §5.1.1). */
  groups: 'X25519:P-256',
} as const;

/** TLS 1.2 suites of Mozilla's intermediate policy, for proxies that have to be told; those of TLS 1.3 are everybody's default. */
export const suites12 = [
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':');

/** Writes an OpenSSL configuration that makes any client which has no options of its own offer just that; returns its path. */
export function writeClientConfig(dir: string): string {
  const file = join(dir, 'client-openssl.cnf');
  const { suite13, suite12, groups } = offered;
  writeFileSync(
    file,
    `openssl_conf = settings
[settings]
ssl_conf = ssl_settings
[ssl_settings]
system_default = client
[client]
MinProtocol = TLSv1.2
CipherString = ${suite12}
Ciphersuites = ${suite13}
Groups = ${groups}
`,
  );
  return file;
}

export const tlsMethod = [
  `TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN, session tickets, one P-256 certificate that vouches for itself, for all. The clients offer ${offered.suite13} (in TLS 1.2 ${offered.suite12}) alone, and ${offered.group} first, so that all proxies encrypt alike. No client verifies the certificate, all verify the handshake's signature.`,
];
