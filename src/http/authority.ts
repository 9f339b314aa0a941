import { isIPv6 } from 'node:net';

/** A host and, where one was written, its port. */
export interface Authority {
  /** Lower case, without a trailing dot; IPv6 without brackets, in its shortest form. */
  readonly host: string;
  readonly port: number | null;
}

/** Letters, digits, `-`, `_`, in labels parted by single dots; one trailing dot, then a port. */
const named = /^([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)\.?(?::([1-9][0-9]{0,4}))?$/i;
const bracketedAddress = /^\[([0-9a-f:.]+)\](?::([1-9][0-9]{0,4}))?$/i;

/** RFC 1035 §2.3.4 allows 253 characters; a dot and a port come on top. */
const charsMax = 260;

/**
 * Reads what a client wrote as Host or :authority; null (→ 400) for all that is not a name or an address with an optional
 * port: userinfo, slashes, commas, spaces, control characters, empty labels, a port that is empty or out of range. More than
 * RFC 3986 §3.2.2 allows is refused on purpose: what we cannot match exactly, a backend must not see.
 */
export function readAuthority(text: string): Authority | null {
  if (text.length > charsMax) return null;
  const [, name, port] = named.exec(text) ?? [];
  if (name !== undefined) return withPort(name.toLowerCase(), port);
  const [, address, addressPort] = bracketedAddress.exec(text) ?? [];
  if (address === undefined || !isIPv6(address)) return null;
  return withPort(shortestIPv6(address), addressPort);
}

/** A host as it stands in a URL (RFC 3986 §3.2.2): IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** `host:port`, as in a URL. */
export function hostAndPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** `0:0:0:0:0:0:0:1` is `::1`: one address must not be two hosts (RFC 5952). */
export function shortestIPv6(address: string): string {
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address.toLowerCase();
}

function withPort(host: string, digits: string | undefined): Authority | null {
  const port = digits === undefined ? null : Number(digits);
  return port !== null && port > 65_535 ? null : { host, port };
}
