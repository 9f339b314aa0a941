import { isDeepStrictEqual } from 'node:util';
import type { HostPattern } from '../labels/host-pattern.ts';
import type { Options, TlsMode } from '../labels/options.ts';
import type { Problem } from '../labels/problem.ts';
import type { Ref } from '../labels/ref.ts';
import { labelOf, labelText } from '../routing/option-label.ts';
import type { BuiltTable, RouteDetail } from '../routing/route-detail.ts';
import { hostText } from '../routing/route-id.ts';

/** What the labels say about TLS. */
export interface TlsDemand {
  readonly tls: TlsMode;
  readonly challenges: Options['tls.challenge'];
  readonly wildcard: boolean;
  readonly minVersion: '1.2' | '1.3';
  readonly clientCa: Ref | null;
  /** Until the certificate is there, one of the internal CA is shown. */
  readonly placeholder: boolean;
  /**
   * Nobody is sent from HTTP to a certificate of the internal CA: no label asked for it, and clients do not trust its root unless
   * somebody has told them to. `proxy.tls=internal` or `proxy.http` asks.
   */
  readonly quiet: boolean;
}

/** A host with all its routes, of which TLS can keep no two apart: a handshake knows the name and nothing else. */
export interface HostDemand {
  readonly host: HostPattern;
  readonly demand: TlsDemand;
  /** In matching order; at least one. */
  readonly routes: readonly RouteDetail[];
  /** The route whose word on `proxy.tls` counts: problems of the host are its container's. */
  readonly speaker: RouteDetail;
}

const tlsOptions = ['tls', 'tls.challenge', 'tls.wildcard', 'tls.min', 'tls.client', 'tls.placeholder'] as const;
type TlsOption = (typeof tlsOptions)[number];

/**
 * What each host of the table asks for, in matching order. Of several routes the first in matching order that says something by
 * a label or a profile decides, option by option; where nobody says anything, the first. A route that wants no TLS never
 * takes it from the others: it counts only where all routes of the host are like that.
 */
export function hostDemands({ table, details }: Pick<BuiltTable, 'table' | 'details'>): {
  readonly demands: readonly HostDemand[];
  readonly problems: readonly Problem[];
} {
  const byHost = new Map<string, RouteDetail[]>();
  for (const { id, host } of table.routes) {
    const detail = details.get(id);
    if (detail === undefined) continue;
    const group = byHost.get(hostText(host));
    if (group === undefined) byHost.set(hostText(host), [detail]);
    else group.push(detail);
  }
  const problems: Problem[] = [];
  const demands = [...byHost.values()].map((routes) => toDemand(routes as [RouteDetail, ...RouteDetail[]], problems));
  return { demands, problems };
}

function toDemand(routes: readonly [RouteDetail, ...RouteDetail[]], problems: Problem[]): HostDemand {
  const [first] = routes;
  const wanting = routes.filter(({ options }) => options.tls.kind !== 'off');
  const heard = wanting.length === 0 ? routes : wanting;
  const speakers = Object.fromEntries(
    tlsOptions.map((option) => [option, heard.find((route) => isStated(route, option)) ?? heard[0] ?? first]),
  ) as Record<TlsOption, RouteDetail>;
  if (routes.length > 1) for (const option of tlsOptions) problems.push(...overruled(option, speakers[option], routes));
  const value = <Option extends TlsOption>(option: Option): Options[Option] => speakers[option].options[option];
  const demand: TlsDemand = {
    tls: value('tls'),
    challenges: value('tls.challenge'),
    wildcard: value('tls.wildcard'),
    minVersion: value('tls.min'),
    clientCa: value('tls.client'),
    placeholder: value('tls.placeholder'),
    quiet: routes.every(({ options, sources }) => options.tls.kind !== 'internal' && sources.http === undefined),
  };
  if (demand.clientCa !== null && (demand.tls.kind === 'off' || demand.tls.kind === 'passthrough'))
    problems.push(clientWithoutTls(speakers['tls.client'], demand.tls.kind));
  return { host: first.route.host, demand, routes, speaker: speakers.tls };
}

function isStated({ sources }: RouteDetail, option: TlsOption): boolean {
  const source = sources[option]?.source;
  return source === 'label' || source?.startsWith('profile:') === true;
}

/** The first route that says something else than what counts. */
function overruled(option: TlsOption, speaker: RouteDetail, routes: readonly RouteDetail[]): Problem[] {
  const loser = routes.find(
    (route) => isStated(route, option) && !isDeepStrictEqual(route.options[option], speaker.options[option]),
  );
  if (loser === undefined) return [];
  const { container, spec } = loser.winner;
  return [
    {
      container: container.name,
      label: labelOf(spec, option),
      value: labelText(spec, option),
      expected:
        `the same for all routes of ${hostText(loser.route.host).trim()}, since a handshake knows no path: ` +
        `${speaker.route.id} of ${speaker.winner.container.name} decides for ${loser.route.id} too`,
      suggestion: `give both the same ${labelOf(spec, option)}, or a host of their own`,
      severity: 'warning',
    },
  ];
}

function clientWithoutTls({ winner: { container, spec }, route }: RouteDetail, mode: 'off' | 'passthrough'): Problem {
  return {
    container: container.name,
    label: labelOf(spec, 'tls.client'),
    value: labelText(spec, 'tls.client'),
    expected: `TLS that ends at the proxy: with \`proxy.tls=${mode}\` nobody asks clients of ${route.id} for a certificate`,
    suggestion: `remove ${labelOf(spec, 'tls')}, or protect the route with proxy.auth or proxy.allow`,
    severity: 'error',
  };
}
