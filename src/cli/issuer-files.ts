import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Fault } from '../labels/value-reading.ts';
import type { Issuer } from '../tls/acme/issuer.ts';
import { readDnsAccess } from '../tls/dns/access.ts';
import { type SecretReader, secretReader } from '../tls/dns/secret-reader.ts';
import { readAuthorities } from './authorities-file.ts';
import { type IssuerFields, letsEncrypt, readEabHmac } from './issuer-rows.ts';
import type { IssuerText } from './issuer-texts.ts';
import { readSmallFile } from './small-file.ts';

/**
 * Reads the files and variables that the settings of issuers lead to. What is wrong with them is a reason not to start, unless it
 * is a warning; no problem shows what was found there.
 */
export function readIssuerFiles(
  texts: readonly IssuerText[],
  env: Readonly<Record<string, string | undefined>>,
): { readonly issuers: readonly Issuer[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const issuers = texts.map((text) => {
    const report = (key: keyof IssuerFields, fault: Fault): void => {
      problems.push(problemOf({ container: '', label: text.labels[key], text: '', secret: true }, fault));
    };
    const secretOf = (given: string | null) => secretReader(given ?? '', { readFile: readSmallFile, env });
    return toIssuer(text, secretOf, report);
  });
  return { issuers, problems };
}

type Report = (key: keyof IssuerFields, fault: Fault) => void;

function toIssuer(text: IssuerText, secretOf: (given: string | null) => SecretReader, report: Report): Issuer {
  const directoryUrl = text.directory ?? letsEncrypt.directory;
  return {
    name: text.name,
    directoryUrl,
    stagingUrl: stagingUrl(text.staging, directoryUrl),
    email: text.email ?? '',
    caPem: text.caFile === null ? null : readAuthorities(text.caFile, (fault) => report('caFile', fault)),
    eab: readEab(text.eabKid, secretOf(text.eabHmac), report),
    profile: text.profile,
    dns: text.dns === null ? null : readDns(text.dns, secretOf(text.dnsSecret), report),
  };
}

function stagingUrl(staging: IssuerFields['staging'], directoryUrl: string): string | null {
  if (staging === 'off') return null;
  return staging ?? (directoryUrl === letsEncrypt.directory ? letsEncrypt.staging : null);
}

/** Both or neither: that was seen to when the settings were read. */
function readEab(kid: string | null, readSecret: SecretReader, report: Report): Issuer['eab'] {
  const secret = readSecret();
  if (kid === null || secret.kind === 'absent') return null;
  if (secret.kind === 'unreadable') {
    report('eabHmac', { expected: `a secret that can be read; ${secret.why}` });
    return null;
  }
  for (const fault of readEabHmac(secret.text).faults) report('eabHmac', fault);
  return { kid, hmacKey: secret.text };
}

function readDns(text: string, readSecret: SecretReader, report: Report): Issuer['dns'] {
  const { value, faults } = readDnsAccess(text, readSecret);
  for (const fault of faults) report('dns', fault);
  return value ?? null;
}
