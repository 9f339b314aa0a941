/** Whether one of a certificate's names is good for a host: the name itself, or `*.` in the place of its first label (RFC 6125 §6.4.3). */
export function coversHost(names: readonly string[], host: string): boolean {
  if (names.includes(host)) return true;
  const wildcard = wildcardOf(host);
  return wildcard !== null && names.includes(wildcard);
}

/** `*.example.com` for `app.example.com`; null where the host has no label in front. */
export function wildcardOf(host: string): string | null {
  const dot = host.indexOf('.');
  return dot <= 0 || host.includes(':') ? null : `*${host.slice(dot)}`;
}
