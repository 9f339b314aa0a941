import type { BuiltTable, RouteDetail } from '../../routing/route-detail.ts';

/**
 * Hosts that nobody is redirected to HTTPS for though a certificate of the internal CA is there: no label asked for it, and
 * clients do not trust its root unless somebody has told them to. `proxy.tls=internal` or `proxy.http=redirect` asks.
 */
export function quietHosts({ details }: Pick<BuiltTable, 'details'>): ReadonlySet<string> {
  const quiet = new Set<string>();
  const asking = new Set<string>();
  for (const detail of details.values()) (asks(detail) ? asking : quiet).add(detail.route.host.text);
  return quiet.difference(asking);
}

function asks({ options, sources }: RouteDetail): boolean {
  return options.tls.kind === 'internal' || sources.http !== undefined;
}
