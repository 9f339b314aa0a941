import type { AddressEntry, LimitKey, Options, Rate } from '../labels/options.ts';
import { routeId } from './route-id.ts';

/** `proxy.limit`. */
export interface LimitPolicy {
  /** Whose buckets they are: the same for all hosts and paths of one route of the labels, and in every table. */
  readonly scope: string;
  readonly rate: Rate;
  readonly burst: number;
  /** Those beyond the rate wait for their turn. */
  readonly delay: boolean;
  readonly key: LimitKey;
  readonly status: number;
}

/** What protects a route: plain data, with all references resolved. */
export interface Guards {
  /** CIDRs of those that may come; null = everybody. */
  readonly allow: readonly string[] | null;
  /** CIDRs of those that may not, `allow` notwithstanding; empty = nobody. */
  readonly deny: readonly string[];
  readonly limit: LimitPolicy | null;
  /** Largest request body, in bytes; null = any. */
  readonly bodyBytesMax: number | null;
}

export const noGuards: Guards = { allow: null, deny: [], limit: null, bodyBytesMax: null };

/** A reference that nobody has resolved lets nobody in: whoever could not read it has closed the route already. */
export function guardsOf(options: Options): Guards {
  const { allow, deny, maxbody } = options;
  return {
    allow: allow === null ? null : allow.filter(isCidr),
    deny: deny === null ? [] : deny.every(isCidr) ? deny : everybody,
    limit: limitPolicy(options),
    bodyBytesMax: maxbody,
  };
}

function limitPolicy(options: Options): LimitPolicy | null {
  const { limit: rate, 'limit.burst': burst, 'limit.delay': delay, 'limit.key': key, 'limit.status': status } = options;
  return rate === null ? null : { scope: limitScope(options), rate, burst, delay, key, status };
}

/** The id of the first of its routes: two paths to one login are one login. */
function limitScope({ host: [host], path: [path], match }: Options): string {
  return host === undefined || path === undefined ? '' : routeId(host, path, match);
}

const everybody: readonly string[] = ['0.0.0.0/0', '::/0'];

function isCidr(entry: AddressEntry): entry is string {
  return typeof entry === 'string';
}
