import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { nonsense } from './acme-answer.ts';

export interface IssuedChain {
  /** PEM, the leaf first, nothing but certificates. */
  readonly chainPem: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const certificatePem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const certificatesMax = 10;

/**
 * Checks what an issuer gave for a certificate before anybody is shown it.
 *
 * @throws AcmeFailure where it is none, or is for another key or for other names.
 */
export function issuedChain(
  data: unknown,
  wanted: { readonly keyPem: string; readonly names: readonly string[] },
): IssuedChain {
  const blocks = typeof data === 'string' ? (data.match(certificatePem) ?? []) : [];
  const begun = typeof data === 'string' ? data.split('-----BEGIN').length - 1 : 0;
  if (blocks.length === 0 || blocks.length !== begun || blocks.length > certificatesMax) {
    throw nonsense('a certificate was to come, as PEM', { stage: 'download', data });
  }
  const [leaf] = blocks.map(parsed);
  if (!leaf?.checkPrivateKey(createPrivateKey(wanted.keyPem))) {
    throw nonsense('the certificate is for another key than the one that was asked for', { stage: 'download' });
  }
  const missing = wanted.names.filter((name) => !isNamed(leaf, name));
  if (missing.length > 0) {
    throw nonsense(`the certificate is not for ${missing.join(', ')}`, { stage: 'download' });
  }
  return {
    chainPem: `${blocks.join('\n')}\n`,
    notBeforeMs: leaf.validFromDate.getTime(),
    notAfterMs: leaf.validToDate.getTime(),
  };
}

function parsed(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw nonsense('a certificate in the chain cannot be read', { stage: 'download', cause });
  }
}

/** By the very name: that a wildcard covers it is not what was ordered. */
function isNamed(leaf: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return leaf.checkIP(name) !== undefined;
  return (leaf.subjectAltName ?? '').toLowerCase().split(', ').includes(`dns:${name}`);
}
