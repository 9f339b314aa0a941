/** Names of hosts below another, as they stand in an Origin. */
const namesBelow = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;

/** Longer than any origin: a name has at most 253 characters. */
const originCharsMax = 300;

/**
 * Whether an Origin, as it was sent, is one of the list: the same letter by letter, because browsers write an origin in one way
 * (RFC 6454 §6.2), or below `https://*.example.com`, at any depth, with the same scheme and port.
 */
export function allowedOrigins(origins: readonly string[]): (origin: string) => boolean {
  const exact = new Set(origins.filter((origin) => !origin.includes('*')));
  const wildcards = origins.flatMap((origin) => {
    const [scheme, suffix] = origin.split('*', 2);
    return scheme === undefined || suffix === undefined ? [] : [{ scheme, suffix }];
  });
  return (origin) =>
    exact.has(origin) || (origin.length <= originCharsMax && wildcards.some((wildcard) => isBelow(origin, wildcard)));
}

function isBelow(origin: string, { scheme, suffix }: { readonly scheme: string; readonly suffix: string }): boolean {
  if (!origin.startsWith(scheme) || !origin.endsWith(suffix)) return false;
  return namesBelow.test(origin.slice(scheme.length, -suffix.length));
}
