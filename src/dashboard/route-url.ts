import type { RouteView } from '../admin/route-view.ts';

/** An address that the route may get, to ask about; null where its host is a pattern that no name can be made of. */
export function exampleUrl({ host, path, tls }: Pick<RouteView, 'host' | 'path' | 'tls'>): string | null {
  if (host.startsWith('~')) return null;
  const name = host === '*' ? 'any.example.com' : host.replace(/^\*/, 'any');
  return `${tls.state === 'off' ? 'http' : 'https'}://${name}${/^=?\//.test(path) ? path.replace(/^=/, '') : '/'}`;
}
