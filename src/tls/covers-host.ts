import { isIP } from 'node:net';

/**
 * Whether a certificate with these names is good for a host (RFC 9525 §6.3): the very name, or a wildcard that stands for
 * exactly one label. An address is covered by itself only. A wildcard as host is covered by the same wildcard.
 *
 * @param names as in Certificate: lower case, IPv6 in its shortest form.
 * @param host lower case, without port, brackets and trailing dot.
 */
export function coversHost(names: readonly string[], host: string): boolean {
  if (names.includes(host)) return true;
  const wildcard = wildcardOf(host);
  return wildcard !== null && names.includes(wildcard);
}

/** `*.example.com` for `app.example.com`; null where there is none, as for an address. */
export function wildcardOf(host: string): string | null {
  const dot = host.indexOf('.');
  return dot > 0 && isIP(host) === 0 ? `*${host.slice(dot)}` : null;
}
