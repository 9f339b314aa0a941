import { constants, createHash } from 'node:crypto';
import type { TlsOptions } from 'node:tls';
import type { TlsIdentity } from '../../http/transport.ts';

/** What an identity is shown for: to serve with it, or only to prove that a name is ours (RFC 8737). */
export type IdentityUse = 'serve' | 'challenge';

/** RFC 8737 §6.2. */
export const challengeProtocol = 'acme-tls/1';

/**
 * "Intermediate" of Mozilla's Server Side TLS. Of its suites those with DHE are left out: the only clients that need them are ten
 * years old, and each of their handshakes costs a server many times one over an elliptic curve.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');
const groups = ['X25519MLKEM768', 'X25519', 'P-256', 'P-384'].join(':');

/** How long a session can be taken up again, seconds, where its keys live so long: a day, as Mozilla has it. */
const sessionSeconds = 24 * 60 * 60;
/** A client that is taken up again is not asked for its certificate, which may have been withdrawn meanwhile. */
const clientSessionSeconds = 60 * 60;

/** How node is to end TLS for an identity. */
export function serverOptions(identity: TlsIdentity, use: IdentityUse, protocols: readonly string[]): TlsOptions {
  const { chainPem, keyPem, minVersion, clientCaPem } = identity;
  return {
    cert: chainPem,
    key: keyPem,
    // Without this list node takes all authorities that it knows, and OpenSSL looks among them for a chain in every handshake.
    ca: clientCaPem === null ? [] : [clientCaPem],
    requestCert: clientCaPem !== null,
    rejectUnauthorized: true,
    minVersion: `TLSv${minVersion}`,
    ciphers,
    // Mozilla: all of these are good, and the client knows which of them its hardware does fast.
    honorCipherOrder: false,
    ecdhCurve: groups,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    sessionIdContext: sessionContext(identity, use),
    sessionTimeout: clientCaPem === null ? sessionSeconds : clientSessionSeconds,
    ALPNProtocols: use === 'challenge' ? [challengeProtocol] : [...protocols],
  };
}

/** A session is taken up again only on the terms on which it was made; else it would bypass the question for a certificate. 32 bytes at most. */
function sessionContext({ minVersion, clientCaPem }: TlsIdentity, use: IdentityUse): string {
  const terms = JSON.stringify([use, minVersion, clientCaPem]);
  return createHash('sha256').update(terms).digest('hex').slice(0, 32);
}
