import type { X509Certificate } from 'node:crypto';
import { isIP, isIPv6 } from 'node:net';
import { shortestIPv6 } from '../http/authority.ts';

/** `DNS:…, IP Address:…`, where Node writes in JSON quotes whatever could be taken for more than one name. */
const entry = /([^:,]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/gy;
const dnsName = /^(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/**
 * What a certificate is good for: DNS names and addresses of its subject alternative names, lower case, IPv6 in its shortest
 * form. The common name counts only where there are none (RFC 9525 §2 has dropped it; private authorities have not).
 */
export function certificateNames(leaf: X509Certificate): readonly string[] {
  if (leaf.subjectAltName !== undefined) return alternativeNames(leaf.subjectAltName);
  // The types promise text; of a name that stands there twice it is a list.
  const { CN } = leaf.toLegacyObject().subject as unknown as Record<string, string | readonly string[] | undefined>;
  return unique([CN ?? []].flat().map(readName));
}

function alternativeNames(text: string): readonly string[] {
  return unique(
    [...text.matchAll(entry)].map(([, kind, value = '']) =>
      (kind === 'DNS' || kind === 'IP Address') && !value.startsWith('"') ? readName(value) : null,
    ),
  );
}

function readName(text: string): string | null {
  if (isIP(text) !== 0) return isIPv6(text) ? shortestIPv6(text) : text;
  const name = text.toLowerCase();
  return dnsName.test(name) ? name : null;
}

function unique(names: readonly (string | null)[]): readonly string[] {
  return [...new Set(names.filter((name) => name !== null))];
}
