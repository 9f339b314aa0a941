import { isIP, isIPv6 } from 'node:net';
import { bad, didYouMean, good, type ValueReading } from '../labels/value-reading.ts';

/** Where a listener listens. */
export interface ListenAddress {
  /** An IP address; undefined: every address, IPv4 and IPv6. */
  readonly host: string | undefined;
  /** 0 = a free one. */
  readonly port: number;
}

const expected = 'an address to listen on, such as :80, 127.0.0.1:18080, [::1]:80 or 80, or off';

/** Reads `:80`, `80`, `*:80`, `127.0.0.1:18080`, `localhost:80`, `[::1]:80`, and `off` as null. */
export function readListenAddress(text: string, label: string): ValueReading<ListenAddress | null> {
  if (/^(off|none|false|no)$/i.test(text)) return good(null);
  const [, bracketed, plain, digits = ''] = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d{1,6})$/.exec(text) ?? [];
  if (digits === '') return bad(expected, nearAddress(text, label));
  const port = Number(digits);
  if (port > 65_535) return bad('a port from 1 to 65535, or 0 for a free one');
  const host = bracketed ?? plain ?? '';
  if (bracketed === undefined && /^\*?$/.test(host)) return good({ host: undefined, port });
  if (bracketed === undefined && host.toLowerCase() === 'localhost') return good({ host: '127.0.0.1', port });
  const wanted = bracketed === undefined ? isIP(host) === 4 : isIPv6(host) && !host.includes('%');
  if (wanted) return good({ host: host.toLowerCase(), port });
  return bad('an IP address before the port, such as 127.0.0.1:18080 or [::1]:80; a name says not which address');
}

function nearAddress(text: string, label: string): string {
  const url = /^[a-z]+:\/\/([^/]+)\/?$/i.exec(text)?.[1];
  if (url !== undefined) return didYouMean(`${label}=${url}`);
  const [, address, port] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (address !== undefined && isIPv6(address)) return didYouMean(`${label}=[${address}]:${port}`);
  if (isIP(text) !== 0) return didYouMean(`${label}=${isIPv6(text) ? `[${text}]` : text}:80`);
  return '';
}
