import type { ContentCoding } from '../http/accept-encoding.ts';
import type { HeaderEdit } from './header-edit.ts';
import type { HostPattern } from './host-pattern.ts';
import type { PageFile } from './page-file.ts';
import type { PathPattern } from './path-pattern.ts';
import type { Predicate } from './predicate.ts';
import type { Ref } from './ref.ts';

export type LoadBalancing =
  | { readonly kind: 'roundrobin' | 'least' | 'random2' | 'iphash' | 'first' }
  | { readonly kind: 'hash'; readonly by: 'uri' }
  | { readonly kind: 'hash'; readonly by: 'header' | 'cookie'; readonly name: string };

/** `auto` = `docker` where the image has a HEALTHCHECK, else `tcp`. `port` null = the route's own. */
export type HealthCheck =
  | { readonly kind: 'auto' | 'tcp' | 'docker' | 'off' }
  | { readonly kind: 'http'; readonly port: number | null; readonly path: string };

export type TlsMode =
  | { readonly kind: 'auto' | 'off' | 'internal' | 'passthrough' }
  | { readonly kind: 'cert'; readonly name: string }
  | { readonly kind: 'issuer'; readonly name: string };

/** `ttlMs` null = only what the backend allows. */
export type CacheMode = { readonly kind: 'off' } | { readonly kind: 'on' | 'assets'; readonly ttlMs: number | null };

/** `count` requests in `perMs` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** By what a limit tells clients apart. */
export type LimitKey = { readonly kind: 'ip' | 'host' } | { readonly kind: 'header' | 'cookie'; readonly name: string };

export type Auth =
  | { readonly kind: 'off' | 'basic' }
  | { readonly kind: 'forward'; readonly url: string }
  | { readonly kind: 'oidc'; readonly profile: string };

/** Who may enter with a password: htpasswd entries (`name:hash`), or where a file of them is. */
export type UserList = { readonly entries: readonly string[] } | Ref;

/** A CIDR in full (`10.0.0.0/8`, `::1/128`; `private` stands here as its ranges), or where a list of them is. */
export type AddressEntry = string | Ref;

/** Which statuses (inclusive ranges) get which page. */
export interface ErrorPage {
  readonly statuses: readonly StatusRange[];
  readonly source: /** On the backend; `path` may hold `{status}`. */
    | { readonly kind: 'path'; readonly path: string }
    /** In the directory of pages; `path` may hold `{status}`. */
    | { readonly kind: 'file'; readonly path: string }
    /** A file that has been read. */
    | { readonly kind: 'page'; readonly page: PageFile }
    | { readonly kind: 'builtin' };
}

export interface StatusRange {
  readonly from: number;
  readonly to: number;
}

/** `location` may hold {host} {uri} {path} {query} {scheme}. */
export interface Redirect {
  readonly status: number;
  readonly location: string;
}

/** A normalised path, with a query or without; or a regex (flag `u`) and its replacement with `$1` and the like. */
export type Rewrite =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'regex'; readonly source: string; readonly replacement: string };

/** How a line of the access log is written. */
export type LogFormat = 'json' | 'combined' | 'proxy';

/**
 * The effective value of every option of a route, by its key in the labels. Durations are milliseconds, sizes are bytes;
 * a duration of 0 means unlimited or disabled, null and false mean off or not set. Which labels give them is in table.ts.
 */
export interface Options {
  readonly enable: boolean;
  readonly host: readonly HostPattern[];
  readonly alias: readonly HostPattern[];
  readonly path: readonly PathPattern[];
  readonly match: readonly Predicate[];
  readonly priority: number;
  /** Names of profiles, in the order in which they apply. */
  readonly use: readonly string[];

  /** null = by the rule of the sole exposed port. */
  readonly port: number | null;
  readonly network: string | null;
  readonly scheme: 'http' | 'https' | 'h2c';
  readonly 'scheme.verify': boolean;
  readonly 'scheme.sni': string | null;
  readonly lb: LoadBalancing;
  readonly weight: number;
  readonly backup: boolean;
  /** A text is the cookie's name. */
  readonly sticky: boolean | string;
  readonly 'sticky.ttl': number;
  readonly mirror: string | null;

  readonly health: HealthCheck;
  readonly 'health.interval': number;
  readonly 'health.timeout': number;
  readonly 'health.rise': number;
  readonly 'health.fall': number;
  readonly 'health.status': readonly StatusRange[];
  /** 0 = never ejected. */
  readonly maxfails: number;
  readonly failtimeout: number;
  readonly retries: number;
  readonly 'retries.on': readonly number[];
  readonly wait: number;
  readonly drain: number;
  readonly sleep: number;
  readonly 'sleep.mode': 'hold' | 'page';
  readonly 'sleep.max': number;
  readonly maxconn: number | null;
  readonly 'maxconn.queue': number;

  readonly ws: boolean;
  readonly 'ws.timeout': number;
  readonly timeout: number;
  readonly 'timeout.connect': number;
  /** null = as `timeout`. */
  readonly 'timeout.read': number | null;
  readonly 'timeout.send': number | null;
  /** A text is the prefix to remove, true the matched one. */
  readonly strip: boolean | string;
  readonly rewrite: Rewrite | null;
  readonly redirect: Redirect | null;

  readonly http: 'redirect' | 'serve' | 'off';
  readonly tls: TlsMode;
  /** In order of preference; empty = whatever works. */
  readonly 'tls.challenge': readonly ('http' | 'alpn' | 'dns')[];
  readonly 'tls.min': '1.2' | '1.3';
  readonly 'tls.wildcard': boolean;
  readonly 'tls.client': Ref | null;
  readonly 'tls.placeholder': boolean;

  readonly header: readonly HeaderEdit[];
  readonly reqheader: readonly HeaderEdit[];
  readonly security: boolean;
  /** Each a header value, false = that header is not sent. */
  readonly 'security.frame': string | false;
  readonly 'security.nosniff': string | false;
  readonly 'security.xss': string | false;
  readonly 'security.referrer': string | false;
  readonly 'security.permissions': string | false;
  readonly 'security.hsts': string | false;
  readonly 'security.csp': string | false;
  /** Origins as browsers write them, `https://*.example.com` for all names below; or `['*']`. */
  readonly cors: readonly string[] | null;
  readonly 'cors.methods': readonly string[];
  readonly 'cors.headers': readonly string[];
  readonly 'cors.credentials': boolean;
  readonly 'cors.maxage': number;

  readonly cache: CacheMode;
  readonly 'cache.force': boolean;
  /** null = a day, and only while the backend fails. */
  readonly 'cache.stale': number | null;
  readonly 'cache.status': readonly StatusRange[];
  readonly 'cache.methods': readonly string[];
  /** Template of the key, such as `{host}{uri}`; null = host and target. */
  readonly 'cache.key': string | null;
  /** A request that meets any of them is not answered from the cache. */
  readonly 'cache.bypass': readonly Predicate[];
  /** Largest answer that is kept, in bytes. */
  readonly 'cache.max': number | null;
  readonly 'cache.browser': number | null;
  /** Codings in order of preference, false = off. */
  readonly compress: readonly ContentCoding[] | false;
  readonly 'compress.min': number;
  readonly 'compress.types': readonly string[];

  readonly limit: Rate | null;
  readonly 'limit.burst': number;
  readonly 'limit.delay': boolean;
  readonly 'limit.key': LimitKey;
  readonly 'limit.status': number;
  readonly maxbody: number | null;
  readonly allow: readonly AddressEntry[] | null;
  readonly deny: readonly AddressEntry[] | null;
  readonly auth: Auth;
  readonly 'auth.users': UserList | null;
  readonly 'auth.realm': string;
  /** Headers of a forward answer that go on to the backend. */
  readonly 'auth.headers': readonly string[];
  readonly 'auth.except': readonly PathPattern[];

  readonly errors: readonly ErrorPage[];
  readonly 'errors.intercept': boolean;
  /** A number is the share of requests that is logged, between 0 and 1. */
  readonly log: 'on' | 'off' | 'errors' | number;
  /** null = as `FAIRLEAD_ACCESS_LOG_FORMAT` says. */
  readonly 'log.format': LogFormat | null;
  readonly 'log.file': string | null;
  readonly metrics: boolean;

  readonly tcp: number | 'sni' | null;
  readonly 'tcp.proxyprotocol': 'v1' | 'v2' | null;
  readonly udp: number | 'sni' | null;
  readonly 'udp.proxyprotocol': 'v1' | 'v2' | null;
}

export type OptionKey = keyof Options;
