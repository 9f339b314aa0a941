import type { HostPattern } from '../labels/host-pattern.ts';
import type { Certificate } from './certificate.ts';

export interface ShownCertificate extends Pick<Certificate, 'chainPem' | 'keyPem' | 'names' | 'trusted'> {
  /** SHA-256 of its chain: the same leaf with another intermediate is another one to show. */
  readonly id: string;
}

/** Which certificate a host is shown with, and on which terms. */
export interface ShownHost {
  /** A name, an address, or `*.example.com` for the names one label below. */
  readonly host: string;
  /** Id of the certificate; null = none yet, or TLS does not end here: handshakes are refused, whatever else would take the name. */
  readonly certificate: string | null;
  readonly minVersion: '1.2' | '1.3';
  /** PEM of the authorities of which a client must have a certificate; null = none is asked for. */
  readonly clientCaPem: string | null;
  /** Shown only until the real one is there: nobody is sent to it. */
  readonly placeholder: boolean;
}

/** Hosts whose names nobody can list. */
export interface ShownPattern {
  readonly host: HostPattern;
  /** A certificate may be had for each name that a client asks for. */
  readonly onDemand: boolean;
}

/** All that the data plane shows. Plain data that crosses planes, always as a whole. */
export interface CertificateSet {
  readonly certificates: readonly ShownCertificate[];
  readonly hosts: readonly ShownHost[];
  /** For names that no host is: the first that takes the name decides. */
  readonly patterns: readonly ShownPattern[];
  /** Id of what names that nobody claims are shown, where `FAIRLEAD_UNKNOWN_HOST` wants them answered; null = nothing. */
  readonly fallback: string | null;
}

/** A set on its way to a receiver that has some of its certificates: those come as their id alone. */
export interface PackedCertificates extends Omit<CertificateSet, 'certificates'> {
  readonly certificates: readonly (ShownCertificate | string)[];
}

/** The set for a receiver that was sent `before` last, or nothing yet (null): with 1,000 certificates a renewal sends one. */
export function withoutKnown(set: CertificateSet, before: CertificateSet | null): PackedCertificates {
  const known = new Set(before?.certificates.map(({ id }) => id));
  return { ...set, certificates: set.certificates.map((one) => (known.has(one.id) ? one.id : one)) };
}

/** The same with every certificate, of which those left out were in `before`. */
export function withKnown(set: PackedCertificates, before: CertificateSet | null): CertificateSet {
  const known = new Map(before?.certificates.map((one) => [one.id, one]));
  const whole = (one: ShownCertificate | string) => (typeof one === 'string' ? known.get(one) : one);
  return { ...set, certificates: set.certificates.map(whole).filter((one) => one !== undefined) };
}
