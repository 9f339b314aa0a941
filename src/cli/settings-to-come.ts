import { choice, listOf, readBytes, readSwitch, readTime } from '../labels/plain-value.ts';
import { bad, good, type Reader, type ValueReading } from '../labels/value-reading.ts';
import { readListenAddress } from './listen-address.ts';
import type { SettingRow } from './setting-row.ts';

/**
 * Settings whose steps come later: known and checked, so that a typo is found now, and answered with one warning each when
 * somebody sets them.
 */
export const rowsToCome: readonly SettingRow<unknown>[] = [
  row({
    name: 'FAIRLEAD_HTTPS',
    value: 'address or off',
    default: ':443',
    builtIn: () => ({ host: undefined, port: 443 }),
    read: readListenAddress,
    help: 'listener for HTTPS',
    example: ':443',
    asksForNothing: (address) => address === null,
  }),
  text('FAIRLEAD_STORE', 'embedded, in the data directory', 'redis://redis:6379', {
    value: '`redis://…` or `rediss://…`',
    read: urlOf(['redis:', 'rediss:'], 'an address such as redis://redis:6379'),
    help: 'shares certificates, limits and cache purges between several proxies',
    secret: true,
  }),
  text('FAIRLEAD_ACME_EMAIL', 'none', 'admin@example.com', {
    value: 'e-mail address',
    read: readEmail,
    help: "certificates of Let's Encrypt, once it is set",
  }),
  text('FAIRLEAD_ACME_DIRECTORY', "Let's Encrypt", 'https://acme.example.com/directory', {
    value: 'https:// address',
    read: urlOf(['https:'], 'an address such as https://acme-v02.api.letsencrypt.org/directory'),
    help: 'directory of another issuer',
  }),
  text('FAIRLEAD_ACME_CA_FILE', 'the usual authorities', '/etc/ssl/our-ca.pem', {
    value: 'file',
    read: readText,
    help: 'authority that vouches for the issuer itself',
  }),
  text('FAIRLEAD_ACME_EAB_KID', 'none', 'kid-1', {
    value: 'text',
    read: readText,
    help: 'external account binding: the key id',
  }),
  text('FAIRLEAD_ACME_EAB_HMAC', 'none', 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W', {
    value: 'base64url',
    read: (value) => (/^[\w-]{16,}={0,2}$/.test(value) ? good(value) : bad('base64url, as the issuer gave it')),
    help: 'external account binding: the key',
    secret: true,
  }),
  row({
    name: 'FAIRLEAD_ACME_PREFLIGHT',
    value: 'bool',
    default: 'on',
    builtIn: () => true,
    read: readSwitch,
    help: 'check that a host can be reached before a certificate is ordered',
    example: 'off',
  }),
  row({
    name: 'FAIRLEAD_PROXY_PROTOCOL',
    value: 'bool',
    default: 'off',
    builtIn: () => false,
    read: readSwitch,
    help: 'read the PROXY protocol from those that FAIRLEAD_TRUSTED names',
    example: 'on',
    asksForNothing: (on) => on === false,
  }),
  row({
    name: 'FAIRLEAD_CACHE_MAX',
    value: 'size',
    default: '1g',
    builtIn: () => 1024 ** 3,
    read: readBytes,
    help: 'size of the cache',
    example: '512m',
  }),
  row({
    name: 'FAIRLEAD_CACHE_INACTIVE',
    value: 'duration',
    default: '60m',
    builtIn: () => 3_600_000,
    read: readTime,
    help: 'how long an entry that nobody asks for stays',
    example: '24h',
  }),
  row({
    name: 'FAIRLEAD_COMPAT',
    value: 'list of `nginx-proxy`, `traefik`, `caddy`, or off',
    default: 'none',
    builtIn: () => [],
    read: (value, label) =>
      /^(off|none)$/i.test(value) ? good([]) : listOf(choice(['nginx-proxy', 'traefik', 'caddy']))(value, label),
    help: 'read the labels and variables of other proxies too',
    example: 'traefik',
    asksForNothing: (names) => names.length === 0,
  }),
];

type About<T> = Omit<SettingRow<T>, 'active'>;

function row<T>(about: About<T>): SettingRow<unknown> {
  return { ...about, active: false } as SettingRow<unknown>;
}

function text(
  name: SettingRow<string>['name'],
  builtIn: string,
  example: string,
  about: Pick<About<string>, 'value' | 'read' | 'help' | 'secret'>,
): SettingRow<unknown> {
  return row({ ...about, name, default: builtIn, builtIn: () => '', example });
}

function readText(value: string): ValueReading<string> {
  return /^[^\p{Cc}]{1,4096}$/u.test(value) ? good(value) : bad('one line of text');
}

function readEmail(value: string): ValueReading<string> {
  return /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(value)
    ? good(value.replace(/^mailto:/i, ''))
    : bad('one e-mail address, such as admin@example.com');
}

/** Never repeats its text: an address may hold a password. */
function urlOf(protocols: readonly string[], expected: string): Reader<string> {
  return (value) => {
    const url = URL.parse(value);
    return url !== null && url.hostname !== '' && protocols.includes(url.protocol) ? good(value) : bad(expected);
  };
}
