import { isIP } from 'node:net';
import { closest } from '../base/suggest.ts';
import type { Issuer } from './acme/issuer.ts';
import type { TlsDemand } from './host-demand.ts';
import { issuerSettings } from './issuer-setting.ts';
import { isHouseName, unsignable } from './signable.ts';
import type { CertificateSource } from './wanted.ts';

/** What keeps a host from its certificate, before it is known whose label it is. */
export interface SourceFault {
  /** 'issuer' = no label is at fault: none is set. */
  readonly option: 'tls' | 'tls.challenge' | 'tls.wildcard' | 'host' | 'issuer';
  readonly expected: string;
  readonly mend: string;
  /** The value that was probably meant. */
  readonly instead?: string;
}

export interface SourceReading {
  /** null where TLS is not ended here. */
  readonly source: CertificateSource | null;
  readonly fault: SourceFault | null;
}

/**
 * Where the certificate for a name comes from.
 *
 * @param name lower case; `*.example.com` for the wildcard itself, for which the caller has seen that it `canUseDns`.
 */
export function certificateSource(name: string, demand: TlsDemand, issuers: readonly Issuer[]): SourceReading {
  const { tls } = demand;
  switch (tls.kind) {
    case 'off':
    case 'passthrough':
      return { source: null, fault: null };
    case 'internal':
      return { source: { kind: 'internal' }, fault: null };
    case 'cert':
      return { source: { kind: 'file', name: tls.name }, fault: null };
    case 'auto':
      if (isHouseName(name)) return { source: { kind: 'internal' }, fault: null };
      return byAcme(name, demand, null, issuers);
    case 'issuer': {
      const issuer = issuers.find((one) => one.name === tls.name.toLowerCase());
      return issuer === undefined
        ? none(`there is no issuer ${tls.name}`, unknownIssuer(tls.name, issuers))
        : byAcme(name, demand, issuer.name, [issuer]);
    }
    default:
      return tls satisfies never;
  }
}

/** Whether TXT records can be set where that is allowed: wildcards need it (RFC 8555 §8.4). */
export function canUseDns({ tls, challenges }: TlsDemand, issuers: readonly Issuer[]): boolean {
  if (challenges.length > 0 && !challenges.includes('dns')) return false;
  return issuers.some(({ name, dns }) => dns !== null && (tls.kind !== 'issuer' || name === tls.name.toLowerCase()));
}

/** The setting that lets an issuer set TXT records. */
export function dnsSetting({ tls }: TlsDemand): string {
  return `${issuerSettings(tls.kind === 'issuer' ? tls.name : 'default')}DNS`;
}

function unknownIssuer(name: string, issuers: readonly Issuer[]): SourceFault {
  const names = issuers.map((issuer) => issuer.name);
  const near = closest(name.toLowerCase(), ['auto', 'off', 'internal', 'passthrough', ...names]);
  return {
    option: 'tls',
    expected:
      names.length === 0
        ? `auto, off, internal, passthrough or cert:<name>: there is no issuer ${name}, nor any other`
        : `an issuer of the settings (${names.join(', ')}): there is no ${name}`,
    ...(near === null
      ? { mend: `set ${issuerSettings(name)}DIRECTORY` }
      : { mend: `did you mean ${near}?`, instead: near }),
  };
}

function byAcme(name: string, demand: TlsDemand, issuer: string | null, candidates: readonly Issuer[]): SourceReading {
  if (candidates.length === 0)
    return none('no issuer is set', {
      option: 'issuer',
      expected: 'an issuer for names of the public internet',
      mend: 'set FAIRLEAD_ACME_EMAIL',
    });
  const reasons = candidates.map((candidate) => unsignable(name, candidate));
  const reason = reasons[0] ?? null;
  if (reason !== null && !reasons.includes(null))
    return none(`${name} ${reason}`, {
      option: 'host',
      expected: `a name that an issuer can sign: ${name} ${reason}`,
      mend: 'proxy.tls=internal makes a certificate here',
    });
  const { challenges } = demand;
  if (challenges.length > 0 && challenges.every((one) => one === 'dns')) {
    if (isIP(name) !== 0)
      return none('addresses have no DNS challenge', {
        option: 'tls.challenge',
        expected: `http or alpn for ${name}: there is no DNS challenge for addresses (RFC 8738 §7)`,
        mend: 'remove tls.challenge',
      });
    if (!canUseDns(demand, candidates))
      return none('no access to a DNS server is set, and no other challenge is allowed', {
        option: 'tls.challenge',
        expected: 'a challenge that can be met: for dns no access to a DNS server is set',
        mend: `set ${dnsSetting(demand)}`,
      });
  }
  return { source: { kind: 'acme', issuer, challenges }, fault: null };
}

function none(because: string, fault: SourceFault): SourceReading {
  return { source: { kind: 'none', why: `No certificate can be ordered: ${because}; ${fault.mend}` }, fault };
}
