/**
 * The words that `FAIRLEAD_TRUSTED` knows beside CIDRs. `cloudflare` is what https://www.cloudflare.com/ips-v4 and /ips-v6
 * publish; it changed last in 2021-04. Who does not want to rely on that names the CIDRs.
 */
export const trustedNetworkWords = {
  /** Loopback, RFC 1918, link-local (RFC 3927, RFC 4291) and unique local addresses (RFC 4193). */
  private: [
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    '::1/128',
    'fc00::/7',
    'fe80::/10',
  ],
  cloudflare: [
    '173.245.48.0/20',
    '103.21.244.0/22',
    '103.22.200.0/22',
    '103.31.4.0/22',
    '141.101.64.0/18',
    '108.162.192.0/18',
    '190.93.240.0/20',
    '188.114.96.0/20',
    '197.234.240.0/22',
    '198.41.128.0/17',
    '162.158.0.0/15',
    '104.16.0.0/13',
    '104.24.0.0/14',
    '172.64.0.0/13',
    '131.0.72.0/22',
    '2400:cb00::/32',
    '2606:4700::/32',
    '2803:f800::/32',
    '2405:b500::/32',
    '2405:8100::/32',
    '2a06:98c0::/29',
    '2c0f:f248::/32',
  ],
} as const satisfies Record<string, readonly string[]>;
