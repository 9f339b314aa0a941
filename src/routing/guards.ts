import type { AddressEntry, LimitKey, Options, Rate } from '../labels/options.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
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

/** `proxy.auth`; `except` are paths that everybody may ask for. */
export type AuthPolicy =
  | {
      readonly kind: 'basic';
      /** htpasswd entries. */
      readonly users: readonly string[];
      /** '' = the host. */
      readonly realm: string;
      /** Names of headers that tell the backend who it is; `Authorization` = it is passed on. */
      readonly headers: readonly string[];
      readonly except: readonly PathPattern[];
    }
  | {
      readonly kind: 'forward';
      /** Of the server that decides. */
      readonly url: string;
      /** Names of headers of its answer that go on to the backend. */
      readonly headers: readonly string[];
      readonly except: readonly PathPattern[];
    };

/** What protects a route: plain data, with all references resolved. */
export interface Guards {
  /** CIDRs of those that may come; null = everybody. */
  readonly allow: readonly string[] | null;
  /** CIDRs of those that may not, `allow` notwithstanding; empty = nobody. */
  readonly deny: readonly string[];
  readonly limit: LimitPolicy | null;
  readonly auth: AuthPolicy | null;
  /** Largest request body, in bytes; null = any. */
  readonly bodyBytesMax: number | null;
}

export const noGuards: Guards = { allow: null, deny: [], limit: null, auth: null, bodyBytesMax: null };

/** A reference that nobody has resolved lets nobody in: whoever could not read it has closed the route already. */
export function guardsOf(options: Options): Guards {
  const { allow, deny, maxbody } = options;
  return {
    allow: allow === null ? null : allow.filter(isCidr),
    deny: deny === null ? [] : deny.every(isCidr) ? deny : everybody,
    limit: limitPolicy(options),
    auth: authPolicy(options),
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

function authPolicy(options: Options): AuthPolicy | null {
  const { auth, 'auth.users': users, 'auth.realm': realm, 'auth.headers': headers, 'auth.except': except } = options;
  switch (auth.kind) {
    case 'off':
      return null;
    case 'basic':
      return {
        kind: 'basic',
        users: users !== null && 'entries' in users ? users.entries : [],
        realm,
        headers,
        except,
      };
    case 'forward':
      return { kind: 'forward', url: auth.url, headers, except };
    case 'oidc':
      // Its label has closed the route, as this version does not know it.
      return { kind: 'basic', users: [], realm, headers, except };
    default:
      return auth satisfies never;
  }
}
