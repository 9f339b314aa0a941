/** What this application shows. */
const paths = new Set(['/', '/routes', '/certs', '/explain']);

/** The address that a click asks for, where it is one of our pages and nothing else is wanted of it, such as another tab. */
export function ourLink(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.origin !== location.origin) return null;
  const { pathname, search, hash } = link;
  if (!paths.has(pathname) || new URLSearchParams(search).has('format')) return null;
  // Within the page the browser finds the way.
  if (hash !== '' && pathname === location.pathname && search === location.search) return null;
  return `${pathname}${search}${hash}`;
}

export function routeLink(id: string): string {
  return `/?route=${encodeURIComponent(id)}`;
}

export function reasonLink(reason: string): string {
  return `/?reason=${encodeURIComponent(reason)}`;
}
