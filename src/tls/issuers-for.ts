import type { Issuer } from './acme/issuer.ts';
import { unsignable } from './signable.ts';
import type { WantedCertificate } from './wanted.ts';

/**
 * The issuers that can be asked for a certificate, in the order of the settings: the one its label names, else all; without those
 * that would never sign one of the names, and those that cannot set TXT records where only that proves them. Empty where the
 * certificate does not come from an issuer.
 */
export function issuersFor(
  { source, names }: Pick<WantedCertificate, 'source' | 'names'>,
  issuers: readonly Issuer[],
): readonly Issuer[] {
  if (source.kind !== 'acme') return [];
  const { issuer, challenges } = source;
  const needsDns =
    names.some((name) => name.startsWith('*.')) || (challenges.length > 0 && challenges.every((one) => one === 'dns'));
  return issuers.filter(
    (one) =>
      (issuer === null || one.name === issuer) &&
      (!needsDns || one.dns !== null) &&
      names.every((name) => unsignable(name, one) === null),
  );
}
