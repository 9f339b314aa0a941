import { closest } from '../../base/suggest.ts';
import { readAuthority } from '../../http/authority.ts';
import { bad, didYouMean, doubtful, good, type ValueReading } from '../../labels/value-reading.ts';
import type { DnsAccess } from '../acme/issuer.ts';
import { readAcmeDnsAccount } from './acme-dns-account.ts';
import type { SecretReader } from './secret-reader.ts';
import { isWireName } from './wire-name.ts';

const kinds = ['rfc2136', 'cloudflare', 'acmedns', 'exec'] as const;

const forms =
  '`rfc2136://<key name>[.hmac-sha512]@<name server>[:port]`, `cloudflare`, `acmedns:<url>` or `exec:/path/to/command`, such as rfc2136://fairlead@ns1.example.com';

/**
 * Reads the value of `FAIRLEAD_ACME_DNS` or `FAIRLEAD_ISSUER_<NAME>_DNS`, with the secret that stands in the setting of the same
 * name and `_SECRET`. Pure but for what `readSecret` does; what it was told is repeated by no fault.
 */
export function readDnsAccess(text: string, readSecret: SecretReader): ValueReading<DnsAccess> {
  const [, word = '', rest = ''] = /^([a-z0-9-]*)(?::(.*))?$/is.exec(text) ?? [];
  const given = word.toLowerCase();
  const kind = kinds.find((one) => one === given);
  switch (kind) {
    case 'rfc2136':
      return readRfc2136(rest, readSecret);
    case 'cloudflare':
      if (rest !== '') return bad('`cloudflare` alone; its API token belongs in the setting …_DNS_SECRET');
      return readCloudflare(readSecret);
    case 'acmedns':
      return readAcmeDns(rest, readSecret);
    case 'exec':
      return readExec(rest, readSecret);
    case undefined: {
      const meant = closest(given, kinds);
      return bad(forms, meant === null ? '' : didYouMean(meant));
    }
    default:
      return kind satisfies never;
  }
}

/** The usual port of name servers. */
const domainPort = 53;
const algorithms = ['hmac-sha256', 'hmac-sha512'] as const;

function readRfc2136(rest: string, readSecret: SecretReader): ValueReading<DnsAccess> {
  const expected =
    'rfc2136://<key name>[.hmac-sha512]@<name server>[:port], such as rfc2136://fairlead@ns1.example.com or rfc2136://fairlead.hmac-sha512@192.0.2.53:5353';
  const [, keyText = '', serverText = ''] = /^\/\/([^@/]+)@([^@/]+)\/?$/.exec(rest) ?? [];
  const server = readAuthority(serverText);
  const { keyName, algorithm } = readKey(keyText.toLowerCase());
  if (server === null || keyName === '' || !isWireName(keyName)) return bad(expected);
  if (algorithm === null) return bad(`${expected}; signatures are hmac-sha256, which is the default, or hmac-sha512`);
  return withSecret(readSecret, {
    expected: 'the secret of the key in base64, as tsig-keygen prints it, such as AAECAwQFBgcICQoLDA0ODw==',
    read: (secret): DnsAccess | null => {
      if (!/^(?:[a-z0-9+/]{4})+(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?$/i.test(secret)) return null;
      return {
        kind: 'rfc2136',
        server: { host: server.host, port: server.port ?? domainPort },
        keyName,
        secret,
        algorithm,
      };
    },
  });
}

/** The algorithm is the last label of the text, if it looks like one; null = one that we do not speak. */
function readKey(text: string): { keyName: string; algorithm: (typeof algorithms)[number] | null } {
  const [, name, wanted] = /^(.*)\.(hmac-[a-z0-9-]+)\.?$/.exec(text) ?? [];
  if (name === undefined) return { keyName: text.replace(/\.$/, ''), algorithm: 'hmac-sha256' };
  return { keyName: name, algorithm: algorithms.find((one) => one === wanted) ?? null };
}

function readCloudflare(readSecret: SecretReader): ValueReading<DnsAccess> {
  return withSecret(readSecret, {
    expected:
      'an API token of Cloudflare with the permissions Zone:Read and DNS:Edit: one word of letters, digits, - and _',
    read: (token): DnsAccess | null => (/^[\w-]{20,500}$/.test(token) ? { kind: 'cloudflare', token } : null),
  });
}

function readAcmeDns(rest: string, readSecret: SecretReader): ValueReading<DnsAccess> {
  const url = URL.parse(rest);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    return bad('acmedns:<url> of an acme-dns server, such as acmedns:https://auth.acme-dns.example');
  if (url.username !== '' || url.password !== '')
    return bad('acmedns:<url> without credentials, which belong in the setting …_DNS_SECRET');
  return withSecret(readSecret, {
    expected:
      'the account as acme-dns gave it: its JSON with username, password, subdomain and fulldomain, or `<username>:<password>:<subdomain>`',
    read: (secret): DnsAccess | null => {
      const account = readAcmeDnsAccount(secret);
      if (account === null) return null;
      const fullDomain = account.fullDomain ?? `${account.subdomain}.${url.hostname}`;
      return { kind: 'acmedns', url: url.href.replace(/\/+$/, ''), ...account, fullDomain };
    },
  });
}

function readExec(command: string, readSecret: SecretReader): ValueReading<DnsAccess> {
  if (!command.startsWith('/') || /\p{Cc}/u.test(command))
    return bad('exec:<absolute path of a command>, without arguments, such as exec:/usr/local/bin/set-txt');
  const access: DnsAccess = { kind: 'exec', command };
  if (readSecret().kind === 'absent') return good(access);
  return doubtful(access, 'no secret with exec:…: the command finds its own; …_DNS_SECRET is ignored');
}

/** Faults say what a secret looks like, and never what was there. */
function withSecret(
  readSecret: SecretReader,
  about: { readonly expected: string; readonly read: (secret: string) => DnsAccess | null },
): ValueReading<DnsAccess> {
  const wanted = `in the setting …_DNS_SECRET ${about.expected}; a file that holds it is written as @/run/secrets/dns`;
  const secret = readSecret();
  switch (secret.kind) {
    case 'absent':
      return bad(wanted);
    case 'unreadable':
      return bad(`${wanted}; ${secret.why}`);
    case 'text': {
      const access = about.read(secret.text);
      return access === null ? bad(wanted) : good(access);
    }
    default:
      return secret satisfies never;
  }
}
