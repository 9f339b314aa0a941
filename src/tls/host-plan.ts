import { isIP } from 'node:net';
import type { HostPattern } from '../labels/host-pattern.ts';
import { hostKey } from '../routing/patterns.ts';
import type { Issuer } from './acme/issuer.ts';
import { canUseDns, certificateSource, dnsSetting, type SourceFault } from './certificate-source.ts';
import type { HostDemand, TlsDemand } from './host-demand.ts';
import type { NameAsk } from './name-certificates.ts';
import { isRegistry, registeredDomain } from './registered-domain.ts';

/** What one host of the table means for certificates. */
export interface HostPlan {
  /** The host as handshakes are answered by it; null where each of its names is answered for itself. */
  readonly host: string | null;
  /** The name that must stand in a certificate now; null = none. */
  readonly ask: NameAsk | null;
  /** Whether names that only this pattern takes get certificates when they are first asked for. */
  readonly onDemand: boolean;
  readonly faults: readonly SourceFault[];
}

export function planHost(asked: HostDemand, issuers: readonly Issuer[]): HostPlan {
  const { host } = asked;
  switch (host.kind) {
    case 'exact':
      return planName(hostKey(host.name), asked, issuers);
    case 'wildcard':
      return planWildcard(host.suffix.slice(1), asked, issuers);
    case 'regex':
    case 'any':
      return planPattern(asked, issuers);
    default:
      return host satisfies never;
  }
}

function planName(name: string, asked: HostDemand, issuers: readonly Issuer[]): HostPlan {
  const { demand } = asked;
  const { source, fault } = certificateSource(name, demand, issuers);
  const plan = { host: name, onDemand: false, faults: fault === null ? [] : [fault] };
  if (source === null) return { ...plan, ask: null };
  const own = { ...plan, ask: ask(name, source, asked) };
  // Nobody signs `*.com`: the domain itself is asked for by its name.
  if (!demand.wildcard || source.kind !== 'acme' || isIP(name) !== 0 || registeredDomain(name) === name) return own;
  const parent = name.slice(name.indexOf('.') + 1);
  if (!canUseDns(demand, issuers)) return { ...own, faults: [wildcardWithoutDns(`*.${parent}`, demand)] };
  return { ...plan, ask: ask(`*.${parent}`, source, asked) };
}

function planWildcard(base: string, asked: HostDemand, issuers: readonly Issuer[]): HostPlan {
  const { demand } = asked;
  const host = `*.${base}`;
  // Any name below it: the wildcard as such has rules of its own.
  const { source, fault } = certificateSource(`name.${base}`, demand, issuers);
  const faults = fault === null ? [] : [fault];
  if (source === null) return { host, ask: null, onDemand: false, faults };
  const each: HostPlan = { host: null, ask: null, onDemand: true, faults };
  switch (source.kind) {
    case 'none':
      return { host, ask: ask(host, source, asked), onDemand: false, faults };
    case 'file':
      return { host, ask: ask(host, source, asked), onDemand: true, faults };
    case 'internal':
      // Clients take no wildcard over a single label, such as `*.localhost`.
      return base.includes('.') ? { host, ask: ask(host, source, asked), onDemand: true, faults } : each;
    case 'acme':
      if (isRegistry(base)) return each;
      if (canUseDns(demand, issuers)) return { host, ask: ask(host, source, asked), onDemand: false, faults };
      return demand.wildcard ? { ...each, faults: [wildcardWithoutDns(host, demand)] } : each;
    default:
      return source satisfies never;
  }
}

function planPattern(asked: HostDemand, issuers: readonly Issuer[]): HostPlan {
  const { demand } = asked;
  // Stands for all public names that the pattern may take.
  const { source, fault } = certificateSource('name.example.com', demand, issuers);
  const plan = { host: null, ask: null, onDemand: true, faults: [] };
  if (source === null) return { ...plan, onDemand: false };
  if (source.kind === 'file') return { ...plan, ask: ask(null, source, asked) };
  if (fault === null) return plan;
  // Without an issuer its local names can still be had.
  return { ...plan, onDemand: fault.option === 'issuer', faults: [fault] };
}

function ask(name: string | null, source: NameAsk['source'], { routes, speaker }: HostDemand): NameAsk {
  const { hosts, options } = speaker.winner.spec;
  const set = [...hosts, ...options.alias].map(({ text }: HostPattern) => text).sort();
  return { name, source, set: [...new Set(set)].join(','), routes: routes.map(({ route }) => route.id) };
}

function wildcardWithoutDns(wildcard: string, demand: TlsDemand): SourceFault {
  const allowed = demand.challenges.length === 0 || demand.challenges.includes('dns');
  return {
    option: allowed ? 'tls.wildcard' : 'tls.challenge',
    expected: `the dns challenge for ${wildcard}, since no other proves a wildcard; until then each name is ordered by itself`,
    mend: allowed ? `set ${dnsSetting(demand)}` : 'add dns to tls.challenge',
  };
}
