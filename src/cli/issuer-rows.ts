import { isRef, readRef } from '../labels/ref.ts';
import { bad, good, orOff, type Reader, type ValueReading } from '../labels/value-reading.ts';
import type { SettingRow, SettingRows } from './setting-row.ts';
import { urlOf } from './url-setting.ts';

/** What the settings say of one issuer, before any file is read; null = nothing. */
export interface IssuerFields {
  readonly email: string | null;
  readonly directory: string | null;
  /** `off`: there is none, also where the directory would have one. */
  readonly staging: string | 'off' | null;
  readonly profile: string | null;
  /** Path. */
  readonly caFile: string | null;
  readonly eabKid: string | null;
  /** The secret itself, or a ref. */
  readonly eabHmac: string | null;
  readonly dns: string | null;
  /** The secret itself, or a ref. */
  readonly dnsSecret: string | null;
}

export const letsEncrypt = {
  directory: 'https://acme-v02.api.letsencrypt.org/directory',
  staging: 'https://acme-staging-v02.api.letsencrypt.org/directory',
} as const;

/** The last part of the variables, as in `FAIRLEAD_ACME_EAB_KID`. */
export const issuerVariables: Readonly<Record<keyof IssuerFields, string>> = {
  email: 'EMAIL',
  directory: 'DIRECTORY',
  staging: 'STAGING',
  profile: 'PROFILE',
  caFile: 'CA_FILE',
  eabKid: 'EAB_KID',
  eabHmac: 'EAB_HMAC',
  dns: 'DNS',
  dnsSecret: 'DNS_SECRET',
};

/** @param prefix of the variables: `FAIRLEAD_ACME` for the default issuer, `FAIRLEAD_ISSUER_<NAME>` for another. */
export function issuerRows(prefix: `FAIRLEAD_${string}`): SettingRows<IssuerFields> {
  const row = <T>(key: keyof IssuerFields, about: Omit<SettingRow<T>, 'name' | 'active' | 'builtIn'>) => ({
    ...about,
    name: `${prefix}_${issuerVariables[key]}` as const,
    builtIn: () => null,
    active: true,
  });
  return {
    email: row('email', {
      value: 'e-mail address',
      default: 'none',
      read: readEmail,
      help: "where the issuer writes when something is wrong; alone it turns on certificates of Let's Encrypt",
      example: 'admin@example.com',
    }),
    directory: row('directory', {
      value: 'https:// address',
      default: "Let's Encrypt, once an e-mail address is set",
      read: directoryUrl,
      help: 'ACME directory of the issuer',
      example: 'https://acme.example.com/directory',
    }),
    staging: row('staging', {
      value: 'https:// address or off',
      default: "the staging directory of Let's Encrypt where that is the issuer, else none",
      read: orOff('off', directoryUrl),
      help: 'directory on which orders are tried out that failed several times, and those of `fairlead certs renew --dry`',
      example: 'https://acme-staging.example.com/directory',
    }),
    profile: row('profile', {
      value: 'word',
      default: "the issuer's own",
      read: readProfile,
      help: 'ACME profile that is asked for, where the issuer has it',
      example: 'shortlived',
    }),
    caFile: row('caFile', {
      value: 'file',
      default: 'the usual authorities',
      read: readText,
      help: "authority, as PEM, that vouches for the directory's own HTTPS",
      example: '/etc/ssl/our-ca.pem',
    }),
    eabKid: row('eabKid', {
      value: 'text',
      default: 'none',
      read: readText,
      help: 'external account binding: the key id',
      example: 'kid-1',
    }),
    eabHmac: row('eabHmac', {
      value: 'base64url, or ref',
      default: 'none',
      read: orRef(readEabHmac),
      help: 'external account binding: the key',
      example: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W',
      secret: true,
    }),
    dns: row('dns', {
      value: '`cloudflare`, `rfc2136://…`, `acmedns:…` or `exec:…`',
      default: 'none',
      read: readText,
      help: 'who sets TXT records for the dns challenge; wildcards need it',
      example: 'cloudflare',
    }),
    dnsSecret: row('dnsSecret', {
      value: 'text, or ref',
      default: 'none',
      read: orRef(readText),
      help: 'what opens it: a token, a key, a password',
      example: '@/run/secrets/dns-token',
      secret: true,
    }),
  };
}

const directoryUrl = urlOf(['https:'], `an address such as ${letsEncrypt.directory}`);

/** External account binding keys are base64url (RFC 8555 §7.3.4); never repeats its text. */
export function readEabHmac(text: string): ValueReading<string> {
  return /^[\w-]{16,1024}={0,2}$/.test(text) ? good(text) : bad('base64url, as the issuer gave it');
}

/** A ref is followed when the proxy starts; how it is written is checked now. */
function orRef(read: Reader<string>): Reader<string> {
  return (text, label) => {
    if (!isRef(text)) return read(text, label);
    const { value, faults } = readRef(text);
    return value === undefined ? { faults } : good(text);
  };
}

function readText(value: string): ValueReading<string> {
  return /^[^\p{Cc}]{1,4096}$/u.test(value) ? good(value) : bad('one line of text');
}

function readProfile(value: string): ValueReading<string> {
  return /^[\w.-]{1,100}$/.test(value) ? good(value) : bad('one word such as shortlived');
}

function readEmail(value: string): ValueReading<string> {
  return /^[^\s@,]+@[^\s@,]+\.[^\s@,]+$/.test(value)
    ? good(value.replace(/^mailto:/i, ''))
    : bad('one e-mail address, such as admin@example.com');
}
