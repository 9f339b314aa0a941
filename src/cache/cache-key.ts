import { URL } from 'node:url';
import { bracketed } from '../http/authority.ts';
import { fillTemplate } from '../http/request-template.ts';
import type { CachePolicy } from '../routing/table.ts';

/** What a request asks for. */
export interface CacheUri {
  readonly scheme: 'http' | 'https';
  /** Lower case; IPv6 without brackets. */
  readonly host: string;
  /** As it was written; null where none was. */
  readonly port: number | null;
  /** Path and query as sent. */
  readonly target: string;
}

/**
 * What makes two requests the same: the URI (RFC 9111 §2), or what the label says. By the label keys of several routes could be
 * the same by accident, so they are told apart; a URI is left as it is, and who changes it on one route is noticed on all.
 */
export function cacheKey(uri: CacheUri, route: string, { key }: Pick<CachePolicy, 'key'>): string {
  return key === null ? `${originOf(uri)}${uri.target}` : `${route} ${fillTemplate(key, uri)}`;
}

/**
 * The URI that a Location or Content-Location means, if it is of the same origin (RFC 9111 §4.4); null otherwise.
 */
export function sameOriginUri(reference: string, uri: CacheUri): CacheUri | null {
  const origin = originOf(uri);
  const url = URL.parse(reference, `${origin}${uri.target}`);
  if (url === null || url.origin !== URL.parse(origin)?.origin) return null;
  return { ...uri, target: `${url.pathname}${url.search}` };
}

function originOf({ scheme, host, port }: CacheUri): string {
  const implied = port === null || port === (scheme === 'https' ? 443 : 80);
  return `${scheme}://${bracketed(host)}${implied ? '' : `:${port}`}`;
}
