import type { X509Certificate } from 'node:crypto';

/**
 * The leaf, then who signed it, and so on as far as the given certificates go; each signature is checked, and what is not of
 * the chain left out. Servers must send them so (RFC 8446 §4.4.2), and people put them together in any order.
 */
export function orderChain(leaf: X509Certificate, all: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [leaf];
  const rest = new Map(all.map((certificate) => [certificate.fingerprint256, certificate]));
  for (let last = leaf; ; ) {
    rest.delete(last.fingerprint256);
    const signer = [...rest.values()].find((candidate) => isSignedBy(last, candidate));
    if (signer === undefined) return chain;
    chain.push(signer);
    last = signer;
  }
}

/** By names, key identifiers and usage, and by the signature itself. */
export function isSignedBy(certificate: X509Certificate, signer: X509Certificate): boolean {
  return certificate.checkIssued(signer) && certificate.verify(signer.publicKey);
}
