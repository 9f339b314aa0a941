/** One protocol name, with a version or without (RFC 9110 §7.8), that is none of HTTP's own. */
const tunnelled = /^(?!h2c|http\/|tls\/)[!#$%&'*+\-.^_`|~0-9a-z]+(?:\/[!#$%&'*+\-.^_`|~0-9a-z]+)?$/;

/**
 * Whether what Upgrade names may be tunnelled to. Protocols of HTTP itself never are: `h2c` would carry requests past every
 * step. Nor is an offer of several: nobody could say which of them the bytes would be. A request for one of these is served
 * as if it had not asked (RFC 9110 §7.8 allows to ignore Upgrade).
 *
 * @param protocol in lower case.
 */
export function isTunnelProtocol(protocol: string): boolean {
  return tunnelled.test(protocol);
}
