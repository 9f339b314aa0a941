import type { HeaderEdit } from '../header-edit.ts';
import type { OptionKey } from '../options.ts';
import { readOriginList } from '../origin-list.ts';
import { listOf, readMethod, readToken } from '../plain-value.ts';
import { bad, didYouMean, good, orOff, type Reader } from '../value-reading.ts';
import { durationRow, type Row, type Rows, switchRow } from './row.ts';

/** What is said in headers. `header` and `reqheader` are read one name at a time, by readHeaderText. */
export const headerRows = {
  header: editRow(
    'text with `{client_ip} {host} {scheme} {request_id}`; empty deletes, `+` appends, `?` only if absent',
    'response header, on every status',
    'noindex',
  ),
  reqheader: editRow(
    'the same',
    'request header; `Host` may be set (not appended to or deleted); hop-by-hop and framing headers may not',
    '{client_ip}',
  ),
  security: switchRow({
    default: false,
    help: 'the headers below, on every status, in place of those of the same name from the backend; `proxy.header.<Name>` comes after them',
    tier: 1,
    active: true,
  }),
  'security.frame': securityRow('X-Frame-Options', 'SAMEORIGIN', 'DENY'),
  'security.nosniff': securityRow('X-Content-Type-Options', 'nosniff', 'off'),
  'security.xss': securityRow('X-XSS-Protection', '1; mode=block', '0'),
  'security.referrer': securityRow('Referrer-Policy', 'strict-origin-when-cross-origin', 'no-referrer'),
  'security.permissions': securityRow('Permissions-Policy', 'camera=(), microphone=(), geolocation=()', 'camera=()'),
  'security.hsts': securityRow(
    'Strict-Transport-Security (only over TLS, with a certificate that browsers trust)',
    'max-age=31536000',
    'max-age=63072000; includeSubDomains',
  ),
  'security.csp': securityRow('Content-Security-Policy', false, "default-src 'self'"),
  cors: {
    value: 'list of origins or `*`',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, readOriginList),
    help: 'sites whose scripts may read the answers, such as `https://*.example.com` for all names below; preflights are answered by the proxy, and what the backend says of it is replaced',
    example: 'https://app.example.com',
    tier: 2,
    active: true,
    long: true,
  },
  'cors.methods': {
    value: 'list of methods',
    default: 'GET,HEAD,POST',
    builtIn: ['GET', 'HEAD', 'POST'],
    read: listOf(readMethod),
    help: 'methods that are allowed, beside GET, HEAD and POST, which browsers always allow; `*` = all',
    example: 'GET,PUT,DELETE',
    tier: 2,
    active: true,
  },
  'cors.headers': {
    value: 'list of names',
    default: '–',
    builtIn: [],
    off: [],
    read: orOff([], listOf(readToken)),
    help: 'request headers that are allowed; `*` = all, but `Authorization` only by name or with `.credentials`',
    example: 'Content-Type,X-Token',
    tier: 2,
    active: true,
    long: true,
  },
  'cors.credentials': switchRow({
    default: false,
    help: 'allow cookies and passwords; not with `*` as origin',
    tier: 2,
    active: true,
  }),
  'cors.maxage': durationRow({
    default: '10m',
    help: 'how long a browser keeps a preflight answer',
    tier: 2,
    active: true,
  }),
} as const satisfies Partial<Rows<OptionKey>>;

function editRow(value: string, help: string, example: string): Row<readonly HeaderEdit[]> {
  return {
    value,
    default: '–',
    builtIn: [],
    read: () => bad('the name of a header after it, such as proxy.header.X-Robots-Tag=noindex'),
    help,
    example,
    tier: 1,
    active: true,
    verbatim: true,
  };
}

function securityRow(header: string, builtIn: string | false, example: string): Row<string | false> {
  const read: Reader<string | false> = (text, label) => {
    if (/^(true|on|yes)$/i.test(text) && builtIn !== false) return good(builtIn);
    if (text === '' || !/^[\t\x20-\x7e]*$/.test(text))
      return bad(
        `a value of ${header} in one line of visible ASCII characters, or off`,
        builtIn === false ? '' : didYouMean(`${label}=${builtIn}`),
      );
    return good(text);
  };
  return {
    value: 'text or off',
    default: builtIn === false ? 'off' : `\`${builtIn}\``,
    builtIn,
    off: false,
    read: orOff(false, read),
    help: header,
    example,
    tier: 1,
    active: true,
    long: true,
    verbatim: true,
  };
}
