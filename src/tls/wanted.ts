import type { HostPattern } from '../labels/host-pattern.ts';
import type { Problem } from '../labels/problem.ts';
import type { Ref } from '../labels/ref.ts';
import type { BuiltTable } from '../routing/route-detail.ts';
import type { Issuer } from './acme/issuer.ts';
import { type HostDemand, hostDemands, type TlsDemand } from './host-demand.ts';
import { planHost } from './host-plan.ts';
import { type NameAsk, nameCertificates } from './name-certificates.ts';
import { SourceProblems } from './source-problems.ts';

/** Where a certificate comes from. */
export type CertificateSource =
  /** `issuer` null = the default one, then the others in turn. */
  | {
      readonly kind: 'acme';
      readonly issuer: string | null;
      /** In order of preference; empty = whatever works. */
      readonly challenges: readonly ('http' | 'alpn' | 'dns')[];
    }
  | { readonly kind: 'internal' }
  /** `<data>/certs/<name>/`, which the operator keeps. */
  | { readonly kind: 'file'; readonly name: string }
  /** None can be had: no issuer is set or known, or none would sign such a name. `why` is a sentence, with what to do. */
  | { readonly kind: 'none'; readonly why: string };

/** A certificate that the routes need. */
export interface WantedCertificate {
  /** Identity that survives changes of the table: the source and the sorted names; with `file` its name alone. */
  readonly id: string;
  /** Lower case, sorted; `*.example.com` among them where asked. With `file` the hosts it is to serve. */
  readonly names: readonly string[];
  readonly source: CertificateSource;
  /** Ids of the routes that need it. */
  readonly routes: readonly string[];
}

/** On which terms a handshake for a name is answered. */
export interface HostTerms {
  /** `a.example.com`, an address, or `*.example.com` for names with one label in front (RFC 9525 §6.3). */
  readonly host: string;
  /** Of the certificate; null = TLS does not end here for this host (`off`, `passthrough`), whatever pattern takes it too. */
  readonly wantedId: string | null;
  readonly minVersion: '1.2' | '1.3';
  readonly clientCa: Ref | null;
  /** See TlsDemand. */
  readonly placeholder: boolean;
  readonly quiet: boolean;
}

/** The terms of a host, as its labels say them. */
export function hostTerms(host: string, wantedId: string | null, demand: TlsDemand): HostTerms {
  const { minVersion, clientCa, placeholder, quiet } = demand;
  return { host, wantedId, minVersion, clientCa, placeholder, quiet };
}

/** Names that only a pattern takes. */
export interface PatternHosts {
  /** A wildcard, a regex or `*`. */
  readonly host: HostPattern;
  /**
   * Whether each name that it takes gets a certificate of its own when a handshake first asks for it (see on-demand.ts). False
   * = those that `HostTerms` do not name are refused, and later patterns are not asked.
   */
  readonly onDemand: boolean;
  readonly demand: TlsDemand;
  readonly routes: readonly string[];
}

export interface Wanted {
  readonly wanted: readonly WantedCertificate[];
  /** One for each exact and each wildcard host of the table that can be answered as such. */
  readonly hosts: readonly HostTerms[];
  /** In matching order: the first that takes a name decides. */
  readonly patterns: readonly PatternHosts[];
  readonly problems: readonly Problem[];
}

/**
 * Which certificates the routes need, and which host is answered with which. Pure.
 *
 * Names that one route of a container lists (hosts and aliases) share a certificate, at most 100 of them; of two containers that
 * list the same name the one that serves it counts. A wildcard that is wanted anyway serves the names right below it. A
 * wildcard host is ordered as a wildcard where the DNS challenge can be met, and then deeper names are refused; else each
 * name is ordered when it is first asked for.
 */
export function wantedCertificates(built: BuiltTable, about: { readonly issuers: readonly Issuer[] }): Wanted {
  const { demands, problems: conflicts } = hostDemands(built);
  const problems = new SourceProblems(conflicts);
  const plans = demands.map((demand) => ({ demand, plan: planHost(demand, about.issuers) }));
  const askers = new Map<NameAsk, HostDemand>();
  for (const { demand, plan } of plans) {
    for (const fault of plan.faults) problems.add(demand, fault);
    if (plan.ask !== null) askers.set(plan.ask, demand);
  }
  const { certificates, idByAsk, crowds } = nameCertificates([...askers.keys()]);
  for (const { ask, count } of crowds) problems.addCrowd(askers.get(ask) as HostDemand, count);

  return {
    wanted: certificates,
    hosts: plans.flatMap(({ demand, plan }) => {
      if (plan.host === null) return [];
      const wantedId = plan.ask === null ? null : (idByAsk.get(plan.ask) as string);
      return [hostTerms(plan.host, wantedId, demand.demand)];
    }),
    patterns: plans.flatMap(({ demand: { host, demand, routes }, plan: { onDemand } }) =>
      host.kind === 'exact' ? [] : [{ host, onDemand, demand, routes: routes.map(({ route }) => route.id) }],
    ),
    problems: problems.all(),
  };
}
