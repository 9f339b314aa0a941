import { isIP } from 'node:net';
import type { Issuer } from './acme/issuer.ts';
import { isLocalName } from './local-names.ts';
import { isRegistry } from './registered-domain.ts';

/** Names that `auto` asks no issuer for: local ones, those without a dot, and addresses, which hardly any issuer signs. */
export function isHouseName(name: string): boolean {
  return !name.includes('.') || isIP(name) !== 0 || isLocalName(name);
}

/**
 * Why that issuer will never sign the name, as the end of a sentence that begins with the name; null when it may.
 *
 * @param name lower case; `*.` in front where it is a wildcard.
 */
export function unsignable(name: string, issuer: Pick<Issuer, 'directoryUrl' | 'profile'>): string | null {
  const bare = name.startsWith('*.') ? name.slice(2) : name;
  if (isIP(bare) !== 0) {
    if (!isLetsEncrypt(issuer) || issuer.profile === 'shortlived') return null;
    return "is an address, which Let's Encrypt signs under the profile `shortlived` only";
  }
  const labels = bare.split('.');
  if (name.length > 253) return 'has more than 253 characters';
  if (labels.some((label) => label.length > 63)) return 'has a part of more than 63 characters';
  if (bare.includes('_')) return 'has an underscore, which no issuer signs (CA/Browser Forum, ballot SC12)';
  if (/^\d+$/.test(labels.at(-1) as string)) return 'ends in a number, as no domain does';
  if (name !== bare && isRegistry(bare)) return `is a wildcard over all of .${bare}`;
  if (isLetsEncrypt(issuer) && (isHouseName(bare) || ownedByNobody.test(bare)))
    return "is no name of the public internet, and Let's Encrypt signs no other";
  return null;
}

/** Endings that are used at home and can never be registered. */
const ownedByNobody = /\.(lan|home|corp|intranet|private|localdomain|invalid|example|home\.arpa)$/;

function isLetsEncrypt({ directoryUrl }: Pick<Issuer, 'directoryUrl'>): boolean {
  return URL.canParse(directoryUrl) && /(^|\.)letsencrypt\.org$/.test(new URL(directoryUrl).hostname);
}
