import type { Patterns } from '../routing/patterns.ts';
import type { Issuer } from './acme/issuer.ts';
import { certificateSource } from './certificate-source.ts';
import { type HostTerms, hostTerms, type PatternHosts, type WantedCertificate } from './wanted.ts';
import { wantedId } from './wanted-id.ts';

/**
 * What a handshake gets for a name that no `HostTerms` covers: the first pattern in matching order that takes it decides.
 * null = no pattern takes it, or names of that pattern have no certificate of their own: refuse.
 *
 * @param name lower case, as SNI gives it.
 * @param patterns kept by the caller for as long as the table, since it keeps compiled regexes.
 */
export function wantedOnDemand(
  name: string,
  about: { readonly hosts: readonly PatternHosts[]; readonly issuers: readonly Issuer[]; readonly patterns: Patterns },
): { readonly certificate: WantedCertificate; readonly terms: HostTerms } | null {
  const taker = about.hosts.find(({ host }) => about.patterns.takesHost(host, name));
  if (taker === undefined || !taker.onDemand) return null;
  const { source } = certificateSource(name, taker.demand, about.issuers);
  if (source === null || source.kind === 'none') return null;
  const names = [name];
  const certificate = { id: wantedId(source, names), names, source, routes: taker.routes };
  return { certificate, terms: hostTerms(name, certificate.id, taker.demand) };
}
