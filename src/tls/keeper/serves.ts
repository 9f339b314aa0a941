import type { Issuer } from '../acme/issuer.ts';
import { coversHost } from '../covers-host.ts';
import type { AcmeWanted, HeldCertificate } from './keeper-tools.ts';

/**
 * Whether a certificate that is held is good for all that is wanted, so that none has to be ordered: of any issuer where the label
 * names none, but not of a directory that its issuer no longer is at. Who has tried things out at staging wants others from then on.
 */
export function serves(
  { certificate, issuer, directoryUrl }: HeldCertificate,
  { names, source }: AcmeWanted,
  issuers: readonly Issuer[],
): boolean {
  if (source.issuer !== null && source.issuer !== issuer) return false;
  const today = issuers.find(({ name }) => name === issuer);
  if (today !== undefined && directoryUrl !== '' && directoryUrl !== today.directoryUrl) return false;
  return names.every((name) => coversHost(certificate.names, name));
}
