/**
 * Whether a protocol named in Upgrade may be tunnelled to. Those of HTTP itself never are: `h2c` would carry requests past
 * every step. A request for one is served as if it had not asked (RFC 9110 §7.8 allows to ignore Upgrade).
 *
 * @param protocol in lower case.
 */
export function isTunnelProtocol(protocol: string): boolean {
  return !/^(h2c|http\/|tls\/)/.test(protocol);
}
