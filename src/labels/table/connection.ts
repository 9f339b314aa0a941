import { uriPlaceholders } from '../../http/request-template.ts';
import type { OptionKey, Options, Redirect, TlsMode } from '../options.ts';
import { choice, listOf, nameOf, readTime } from '../plain-value.ts';
import { readRef } from '../ref.ts';
import { readRewrite } from '../rewrite-text.ts';
import { templateFault } from '../template-text.ts';
import { bad, didYouMean, good, orOff, type ValueReading } from '../value-reading.ts';
import { durationRow, type Row, type Rows, switchRow } from './row.ts';

/** How a request travels: ports, TLS, time, the shape of its path. */
export const connectionRows = {
  ws: switchRow({ default: true, help: 'allow Upgrade (WebSocket); false: 403 with reason', tier: 1, active: true }),
  'ws.timeout': durationRow({ default: '24h', help: 'idle time of a tunnel', tier: 1, active: true }),
  timeout: durationRow({
    default: '60s',
    help: 'idle time between bytes, never a total; 504 with reason',
    tier: 1,
    active: true,
  }),
  'timeout.connect': durationRow({
    default: '5s',
    help: 'until the connection to the container stands',
    tier: 1,
    active: true,
  }),
  'timeout.read': idleRow('between two parts of the answer'),
  'timeout.send': idleRow('between two parts of the request'),
  strip: {
    value: 'bool or prefix',
    default: 'false',
    builtIn: false,
    off: false,
    read: readStrip,
    help: 'remove the matched prefix, or the one given; adds X-Forwarded-Prefix',
    example: 'true',
    tier: 1,
    active: true,
  },
  rewrite: {
    value: '`/path` or `regex -> repl`',
    default: '–',
    builtIn: null,
    off: null,
    read: orOff(null, readRewrite),
    help: 'the path that the backend sees, after `strip`: the one given, or with the first match of the regex replaced (`$1`, `$<name>`; in a compose file `$$1`); the query is kept unless the replacement has one',
    example: '^/old/(.*) -> /new/$1',
    tier: 2,
    active: true,
    verbatim: true,
  },
  redirect: {
    value: '`[code] url` with `{scheme} {host} {uri} {path} {query}`',
    default: '–',
    builtIn: null,
    off: null,
    read: orOff(null, readRedirect),
    help: 'answer without a backend; 302 where no code is given',
    example: '301 https://www.example.com{uri}',
    tier: 2,
    active: true,
    matcher: true,
    ownOnly: true,
  },
  http: {
    value: '`redirect`, `serve`, `off`',
    default: 'redirect once TLS is ready',
    builtIn: 'redirect',
    off: 'off',
    read: choice(['redirect', 'serve', 'off'], {
      false: 'off',
      no: 'off',
      true: 'serve',
      on: 'serve',
      noredirect: 'serve',
      nohttp: 'off',
    }),
    help: 'what port 80 does; 301 for GET and HEAD, 308 otherwise',
    example: 'serve',
    tier: 1,
    active: true,
  },
  tls: {
    value: '`auto`, `off`, `internal`, `cert:<name>`, `<issuer>`, `passthrough`',
    default: 'auto',
    builtIn: { kind: 'auto' },
    off: { kind: 'off' },
    read: orOff({ kind: 'off' }, readTls),
    help: 'auto = ACME for public names when an issuer is set, internal CA for localhost, .local, .internal and .test',
    example: 'internal',
    tier: 1,
    active: ({ kind }) => kind !== 'passthrough',
  },
  'tls.challenge': {
    value: 'list of `http`, `alpn`, `dns`',
    default: 'whatever works',
    builtIn: [],
    off: [],
    read: orOff(
      [],
      listOf(
        choice(['http', 'alpn', 'dns'], { 'http-01': 'http', 'tls-alpn-01': 'alpn', tls: 'alpn', 'dns-01': 'dns' }),
      ),
    ),
    help: 'ACME challenges, in order of preference',
    example: 'dns',
    tier: 1,
    active: true,
  },
  'tls.min': {
    value: '`1.2`, `1.3`',
    default: '1.2',
    builtIn: '1.2',
    read: choice(['1.2', '1.3'], { tls12: '1.2', tls13: '1.3', '1.0': '1.2', '1.1': '1.2' }),
    help: 'lowest version of TLS',
    example: '1.3',
    tier: 1,
    active: true,
  },
  'tls.wildcard': switchRow({
    default: false,
    help: 'ask for `*.parent` instead of each name (needs the dns challenge)',
    tier: 1,
    active: true,
  }),
  'tls.client': {
    value: 'ref',
    default: 'off',
    builtIn: null,
    off: null,
    read: orOff(null, readRef),
    help: 'mutual TLS: a client needs a certificate of one of these CAs',
    example: '@/run/secrets/ca.pem',
    tier: 2,
    active: true,
    protective: true,
    secret: true,
  },
  'tls.placeholder': switchRow({
    default: false,
    help: 'until the certificate is there, show one of the internal CA instead of refusing; nobody is redirected to it',
    tier: 2,
    active: true,
  }),
} as const satisfies Partial<Rows<OptionKey>>;

function idleRow(where: string): Row<Options['timeout.read']> {
  return {
    value: 'duration or off',
    default: 'as `timeout`',
    builtIn: null,
    off: 0,
    read: orOff(0, readTime),
    help: `idle time ${where}`,
    example: '5m',
    tier: 1,
    active: true,
  };
}

function readStrip(text: string, label: string): ValueReading<boolean | string> {
  if (/^(true|on|yes|1)$/i.test(text)) return good(true);
  if (/^(false|off|no|0)$/i.test(text)) return good(false);
  const expected = 'true, false or a prefix such as /api';
  if (!text.startsWith('/'))
    return bad(
      expected,
      /^[\w/.-]+$/.test(text) && text.length > 5 ? didYouMean(`${label}=/${text}`) : didYouMean(`${label}=true`),
    );
  if (!/^\/[\x21-\x7e]*$/.test(text) || /[?#*{}\\]|\/\//.test(text)) return bad(expected);
  const prefix = text.replace(/\/$/, '');
  return good(prefix === '' ? false : prefix);
}

const redirectStatuses = [301, 302, 303, 307, 308];

function readRedirect(text: string, label: string): ValueReading<Redirect> {
  const parts = /^(?:(\d{3})\s+)?(\S+)$/.exec(text);
  const location = parts?.[2] ?? '';
  if (parts === null || /^\d{3}$/.test(location))
    return bad('an address, with a status before it if need be, such as 301 https://www.example.com{uri}');
  const status = Number(parts[1] ?? 302);
  if (!redirectStatuses.includes(status))
    return bad(`one of the statuses ${redirectStatuses.join(', ')}`, didYouMean(`${label}=302 ${location}`));
  if (!/^[\x21-\x7e]+$/.test(location)) return bad('an address of ASCII characters; percent-encode the others');
  const fault = templateFault(location, uriPlaceholders, (mended) => `${label}=${status} ${mended}`);
  if (fault !== null) return { faults: [fault] };
  if (/^(https?|\{scheme\}):\/\/[^/]/i.test(location) || /^(\/(?![/\\])|\{(uri|path)\})/.test(location))
    return good({ status, location });
  const near = /^[a-z0-9.-]+\.[a-z]{2,}(:\d+)?([/{].*)?$/i.test(location)
    ? didYouMean(`${label}=${status} https://${location}`)
    : '';
  return bad('an address that begins with http://, https:// or /, such as https://www.example.com{uri}', near);
}

function readTls(text: string, label: string): ValueReading<TlsMode> {
  const word = text.toLowerCase();
  if (word === 'auto' || word === 'internal' || word === 'passthrough') return good({ kind: word });
  const cert = /^cert:\s*(.+)$/i.exec(text);
  const name = nameOf('one of auto, off, internal, passthrough, cert:<name> or the name of an issuer,', 'letsencrypt');
  if (cert !== null) {
    const reading = name(cert[1] as string, label);
    return reading.value === undefined
      ? bad('the name of a certificate, such as cert:wildcard')
      : good({ kind: 'cert', name: reading.value });
  }
  if (/^(true|on|yes|1|acme|le|ssl|https)$/.test(word))
    return bad(
      'one of auto, off, internal, passthrough, cert:<name> or the name of an issuer',
      didYouMean(`${label}=auto`),
    );
  if (/^(selfsigned|self-signed|local)$/.test(word))
    return bad(
      'one of auto, off, internal, passthrough, cert:<name> or the name of an issuer',
      didYouMean(`${label}=internal`),
    );
  const issuer = name(text, label);
  return issuer.value === undefined ? { faults: issuer.faults } : good({ kind: 'issuer', name: issuer.value });
}
