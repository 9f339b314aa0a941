import { X509Certificate } from 'node:crypto';
import { type DerElement, derChildren, derElement } from './der.ts';

/** 2.5.29.35, authorityKeyIdentifier (RFC 5280 §4.2.1.1), in DER. */
const authorityKeyIdentifier = Buffer.from('551d23', 'hex');
const sequence = 0x30;
const integer = 0x02;
const octets = 0x04;
/** `[3] EXPLICIT Extensions` of a TBSCertificate. */
const extensionsField = 0xa3;
/** `[0] IMPLICIT KeyIdentifier`. */
const keyIdentifierField = 0x80;

/**
 * What renewal information is asked by (RFC 9773 §4.1): who signed the leaf of a chain, and its serial number.
 *
 * @returns null where the certificate does not say who signed it, or cannot be read.
 */
export function certificateId(chainPem: string): string | null {
  const tbs = tbsCertificate(chainPem);
  const serial = tbs.find(({ tag }) => tag === integer)?.content;
  const extensions = inside(tbs.find(({ tag }) => tag === extensionsField));
  const found = inside(extensions[0]).find((extension) => {
    const id = inside(extension)[0]?.content;
    return id !== undefined && authorityKeyIdentifier.equals(id);
  });
  const value = inside(found).find(({ tag }) => tag === octets);
  const keyId = inside(inside(value)[0]).find(({ tag }) => tag === keyIdentifierField)?.content;
  return serial && keyId ? `${base64url(keyId)}.${base64url(serial)}` : null;
}

function tbsCertificate(chainPem: string): readonly DerElement[] {
  try {
    const certificate = derElement(new X509Certificate(chainPem).raw);
    return inside(inside(certificate ?? undefined).find(({ tag }) => tag === sequence));
  } catch {
    return [];
  }
}

const inside = (element: DerElement | undefined) => (element ? derChildren(element.content) : []);
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
