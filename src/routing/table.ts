import type { ContentCoding } from '../http/accept-encoding.ts';
import type { Reason } from '../http/failure.ts';
import type { HeaderEdit } from '../labels/header-edit.ts';
import type { HostPattern } from '../labels/host-pattern.ts';
import type { ErrorPage, LoadBalancing, LogFormat, Rewrite, StatusRange } from '../labels/options.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import type { Predicate } from '../labels/predicate.ts';
import type { CorsPolicy } from './cors-policy.ts';
import type { Guards } from './guards.ts';

export type BackendState =
  | 'starting'
  | 'healthy'
  | 'unhealthy'
  | 'draining'
  | 'stopped'
  | 'unreachable'
  | 'paused'
  | 'ejected'
  | 'asleep';

/**
 * How the data plane checks a backend, before its first request and from then on: by a connection, or by a GET that is to be
 * answered with one of the statuses. Durations in ms; an interval of 0 = only before the first request.
 */
export type BackendCheck = {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Checks in a row that make it healthy, and unhealthy. */
  readonly rise: number;
  readonly fall: number;
} & (
  | { readonly kind: 'tcp' }
  | {
      readonly kind: 'http';
      /** 0 = the port that requests go to. */
      readonly port: number;
      readonly path: string;
      /** '' = the route has no single name; its address stands for it. */
      readonly host: string;
      readonly statuses: readonly StatusRange[];
    }
);

/** One container in a pool. */
export interface Backend {
  /** Container id: the key of all live state. */
  readonly id: string;
  readonly container: string;
  readonly service: string;
  readonly scheme: 'http' | 'https';
  readonly sni: string | null;
  readonly verify: boolean;
  /** '' when there is none to dial. */
  readonly host: string;
  readonly port: number;
  /** Where it could be dialled as well; absent where there is none: most have one address. */
  readonly otherHosts?: readonly string[];
  /** As far as Docker and labels say; where there is a `check`, only that can tell whether it answers. */
  readonly state: BackendState;
  /** Why it is not healthy, in words; '' when it is. */
  readonly reason: string;
  /** 0 = no new requests; sessions that it has (`proxy.sticky`) stay. */
  readonly weight: number;
  /** Asked only where none of the others can take a request. */
  readonly backup: boolean;
  /** So many failures of its own within `failTimeoutMs` and it is left out for as long; 0 in either = never. */
  readonly maxFails: number;
  readonly failTimeoutMs: number;
  readonly check: BackendCheck | null;
  /** When the container was created, started, ended or removed, whichever came last; epoch ms. */
  readonly changedMs: number;
  /** An administrator wants it to get nothing new. */
  readonly drained: boolean;
  /** From the moment it gets nothing new to the one at which its tunnels are taken leave of; sooner where Docker kills it sooner. */
  readonly drainMs: number;
  /** What its numbers are kept under in shared memory; given when the table is packed. */
  readonly counter?: number;
  /** The same for whether it is left out, which is known of each port and not of the whole container. */
  readonly ejection?: number;
}

/** A header of `proxy.security`. */
export interface SecurityHeader {
  readonly name: string;
  readonly value: string;
  /** Only where browsers may be told to insist on HTTPS. */
  readonly hsts: boolean;
}

/** `proxy.sticky`: a client stays with the container that answered it first. */
export interface StickyPolicy {
  readonly cookie: string;
  /** 0 = as long as the browser is open. */
  readonly ttlMs: number;
}

/** What is kept of a route's answers, and when it is shown again; durations in ms. */
export interface CachePolicy {
  /** Only what is named like a file that browsers load along with a page. */
  readonly assetsOnly: boolean;
  /** How long answers are fresh that say nothing of it; null = as RFC 9111 has it. */
  readonly ttlMs: number | null;
  /** Keep what the backend forbids to keep. */
  readonly force: boolean;
  /** How long past its freshness an answer may stand in for a backend that fails. */
  readonly staleIfErrorMs: number;
  /** How long past its freshness an answer may stand in while a fresh one is fetched. */
  readonly staleWhileRevalidateMs: number;
  /** Answers that are kept where the backend says nothing. */
  readonly statuses: readonly StatusRange[];
  /** GET, HEAD or both. */
  readonly methods: readonly string[];
  /** Template with {host} {uri} {path} {query} {scheme}; null = the whole URI. */
  readonly key: string | null;
  /** A request that meets any of them is neither answered from the cache nor is its answer kept. */
  readonly bypass: readonly Predicate[];
  /** Names in lower case of headers that tell the backend who is signed in: whatever the backend says, answers vary on them. */
  readonly identityHeaders: readonly string[];
  readonly bodyBytesMax: number | null;
  /** What browsers are told by Expires and max-age; null = what the backend says. */
  readonly browserMs: number | null;
}

/** `proxy.errors`; the first page that is for a status counts. */
export interface ErrorPolicy {
  readonly pages: readonly ErrorPage[];
  /** For answers of the backend as well. */
  readonly intercept: boolean;
}

/** `proxy.compress`: which answers go out smaller than they came, and how. */
export interface CompressPolicy {
  /** Those that come first are taken where a client likes them equally. */
  readonly codings: readonly ContentCoding[];
  readonly bytesMin: number;
  /** Lower case; `text/*` is any text. */
  readonly types: readonly string[];
}

/** What the data plane must know of a route's options; durations in ms, 0 = unlimited. */
export interface RoutePolicy {
  readonly ws: boolean;
  readonly wsIdleMs: number;
  readonly connectMs: number;
  readonly readMs: number;
  readonly sendMs: number;
  readonly lb: LoadBalancing;
  /** Null = any container will do. */
  readonly sticky: StickyPolicy | null;
  /** Tries on other backends after the first. */
  readonly retries: number;
  /** Statuses of a backend that are worth another try, for requests that can be repeated. */
  readonly retryStatuses: readonly number[];
  /** How long a request is held where no backend can take it; 0 = not at all. */
  readonly waitMs: number;
  /** Requests at a time at one backend, over all workers; null = as many as come. */
  readonly requestsMax: number | null;
  /** How long a request waits where all backends have as many as they may; 0 = not at all. */
  readonly queueMs: number;
  /** The prefix to remove, without trailing slash; '' = keep the path. */
  readonly strip: string;
  /** Of the path as `strip` leaves it; null = the backend gets that. */
  readonly rewrite: Rewrite | null;
  readonly requestHeaders: readonly HeaderEdit[];
  readonly responseHeaders: readonly HeaderEdit[];
  /** Empty = `proxy.security` is off. */
  readonly securityHeaders: readonly SecurityHeader[];
  readonly guards: Guards;
  /** null = `proxy.cors` is off. */
  readonly cors: CorsPolicy | null;
  readonly accessLog: 'on' | 'off' | 'errors' | number;
  /** null = as the proxy's own setting says. */
  readonly logFormat: LogFormat | null;
  /** Name of a file in the log directory; null = where all lines go. */
  readonly logFile: string | null;
  /** What a plain connection gets: a redirect once a certificate is there, the site, or nothing. */
  readonly http: 'redirect' | 'serve' | 'off';
  /** Its hosts have certificates, or are to get them. */
  readonly tls: boolean;
  /** A client needs a certificate of its own. */
  readonly clientCertificate: boolean;
  /** null = `proxy.cache` is off. */
  readonly cache: CachePolicy | null;
  /** null = the built-in pages, for answers of the proxy itself. */
  readonly errors: ErrorPolicy | null;
  /** null = `proxy.compress` is off. */
  readonly compress: CompressPolicy | null;
}

export type Serving =
  | { readonly kind: 'pool'; readonly backends: readonly Backend[] }
  /** Answered without a backend; `location` may hold {host} {port} {uri} {path} {query} {scheme}. */
  | { readonly kind: 'redirect'; readonly status: number; readonly location: string }
  /** Fails closed, or has nothing to dial by its labels. */
  | { readonly kind: 'refuse'; readonly reason: Reason };

/** One route: plain data that crosses to the data plane. */
export interface Route {
  /** Stable and readable: host, path and match, as in `app.example.com/api`; unique in its table. */
  readonly id: string;
  /** The name in the labels, '' for a base route. */
  readonly name: string;
  readonly host: HostPattern;
  readonly path: PathPattern;
  readonly match: readonly Predicate[];
  readonly priority: number;
  readonly serving: Serving;
  readonly policy: RoutePolicy;
  /** The latest change in the lives of its containers, those included that were removed and have a successor; epoch ms. */
  readonly changedMs: number;
  /** What its numbers are kept under in shared memory; given when the table is packed. */
  readonly counter?: number;
}

/** Everything that is live, in matching order. Never changed after it is built: a new version replaces it whole. */
export interface RouteTable {
  readonly version: number;
  readonly routes: readonly Route[];
}
