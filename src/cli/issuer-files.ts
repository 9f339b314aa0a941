import { X509Certificate } from 'node:crypto';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Issuer } from '../tls/acme/issuer.ts';
import { type IssuerFields, letsEncrypt, readEabHmac } from './issuer-rows.ts';
import type { IssuerText } from './issuer-texts.ts';
import { readSecret } from './secret-text.ts';
import { readSmallFile } from './small-file.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the files and variables that the settings of issuers lead to. What is wrong with them is a reason not to start. */
export function readIssuerFiles(
  texts: readonly IssuerText[],
  env: Environment,
): { readonly issuers: readonly Issuer[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const issuers = texts.map((text) => toIssuer(text, env, problems));
  return { issuers, problems };
}

function toIssuer(text: IssuerText, env: Environment, problems: Problem[]): Issuer {
  const report = (key: keyof IssuerFields, expected: string): void => {
    const { labels } = text;
    problems.push(problemOf({ container: '', label: labels[key], text: '', secret: true }, { expected }));
  };
  const directoryUrl = text.directory ?? letsEncrypt.directory;
  return {
    name: text.name,
    directoryUrl,
    stagingUrl: stagingUrl(text.staging, directoryUrl),
    email: text.email ?? '',
    caPem: text.caFile === null ? null : readAuthorities(text.caFile, (expected) => report('caFile', expected)),
    eab: readEab(text, env, (expected) => report('eabHmac', expected)),
    profile: text.profile,
    dns: null,
  };
}

function stagingUrl(staging: IssuerFields['staging'], directoryUrl: string): string | null {
  if (staging === 'off') return null;
  return staging ?? (directoryUrl === letsEncrypt.directory ? letsEncrypt.staging : null);
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function readAuthorities(path: string, report: (expected: string) => void): string | null {
  const read = readSmallFile(path);
  const fault = 'fault' in read ? read.fault : pemFault(read.text);
  if (fault !== null) report(`a file of certificates as PEM; ${path}: ${fault}`);
  return 'text' in read ? read.text : null;
}

function pemFault(text: string): string | null {
  const blocks = text.match(pemCertificate) ?? [];
  if (blocks.length === 0) return 'there is no `-----BEGIN CERTIFICATE-----` in it';
  for (const [at, block] of blocks.entries()) {
    try {
      new X509Certificate(block);
    } catch {
      return `certificate ${at + 1} in it cannot be read`;
    }
  }
  return null;
}

/** Both or neither: that was seen to when the settings were read. */
function readEab({ eabKid, eabHmac }: IssuerText, env: Environment, report: (expected: string) => void): Issuer['eab'] {
  if (eabKid === null || eabHmac === null) return null;
  const read = readSecret(eabHmac, env);
  if ('fault' in read) {
    report(read.fault);
    return null;
  }
  const [fault] = readEabHmac(read.secret).faults;
  if (fault !== undefined) report(`${fault.expected}, in the place that is named`);
  return { kid: eabKid, hmacKey: read.secret };
}
