import { createHash } from 'node:crypto';

const plain = /^(?:_wildcard\.)?[a-z0-9_-][a-z0-9._-]*$/;
/** Below the 255 bytes of most file systems, with room for what is appended. */
const charsMax = 200;

/**
 * The name of a directory for a host, readable where it can be: `*.example.com` → `_wildcard.example.com`, an IPv6 address with
 * `_` for its colons. Hosts come from labels: whatever could climb, hide or be too long becomes a hash.
 */
export function directoryName(host: string): string {
  const name = host.toLowerCase().replace(/^\*\./, '_wildcard.').replaceAll(':', '_');
  if (plain.test(name) && !name.includes('..') && name.length <= charsMax) return name;
  return `sha256-${createHash('sha256').update(host).digest('hex')}`;
}
