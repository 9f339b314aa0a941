import { createHash } from 'node:crypto';
import type { Certificate } from '../certificate.ts';
import type { CertificateSet, ShownCertificate, ShownHost, ShownPattern } from '../certificate-set.ts';

/** A host, and which certificate there is for it now. */
export interface HostShelf {
  readonly host: string;
  readonly certificate: Certificate | null;
  readonly minVersion: '1.2' | '1.3';
  readonly clientCaPem: string | null;
  readonly placeholder: boolean;
}

const chainIds = new WeakMap<Certificate, string>();

/** Of the whole chain, and not of the leaf alone: its owner may have added an intermediate. */
function chainId(certificate: Certificate): string {
  let id = chainIds.get(certificate);
  if (id === undefined) {
    id = createHash('sha256').update(certificate.chainPem).digest('hex');
    chainIds.set(certificate, id);
  }
  return id;
}

/** What the data plane is to show. The same shelves make the same set. */
export function shownSet(
  shelves: readonly HostShelf[],
  about: { readonly patterns: readonly ShownPattern[]; readonly fallback: Certificate | null },
): CertificateSet {
  const certificates = new Map<string, ShownCertificate>();
  const shown = (certificate: Certificate): string => {
    const { chainPem, keyPem, names, trusted } = certificate;
    const id = chainId(certificate);
    if (!certificates.has(id)) certificates.set(id, { id, chainPem, keyPem, names, trusted });
    return id;
  };
  const hosts = shelves.map(
    ({ certificate, ...terms }): ShownHost => ({
      ...terms,
      certificate: certificate === null ? null : shown(certificate),
    }),
  );
  const fallback = about.fallback === null ? null : shown(about.fallback);
  return { certificates: [...certificates.values()], hosts, patterns: about.patterns, fallback };
}
