import { readTarget } from '../http/target.ts';
import type { Options } from '../labels/options.ts';
import type { PathPattern } from '../labels/path-pattern.ts';
import { cachePolicy } from './cache-policy.ts';
import { corsPolicy } from './cors-policy.ts';
import { guardsOf, noGuards } from './guards.ts';
import { securityHeaders } from './security-headers.ts';
import type { CompressPolicy, ErrorPolicy, RoutePolicy, StickyPolicy } from './table.ts';

/** By options, prefix and guard: the same labels give the same object, which makes tables quick to compare. */
const known = new WeakMap<Options, Map<string, RoutePolicy>>();

/**
 * What the data plane must know of the options of a route.
 *
 * @param guarded false for an alias: its redirect gives nothing away, and where it leads the client is asked.
 */
export function routePolicy(options: Options, path: PathPattern, { guarded } = { guarded: true }): RoutePolicy {
  const strip = strippedPrefix(options, path);
  let policies = known.get(options);
  if (policies === undefined) {
    policies = new Map();
    known.set(options, policies);
  }
  const key = guarded ? strip : `${strip} unguarded`;
  let policy = policies.get(key);
  if (policy === undefined) {
    policy = toPolicy(options, strip);
    // Nothing goes to a backend, and a path that no backend would get must not keep anybody from where he is sent.
    if (!guarded || options.redirect !== null) policy = { ...policy, strip: '', rewrite: null, requestHeaders: [] };
    if (!guarded) policy = { ...policy, guards: noGuards };
    policies.set(key, policy);
  }
  return policy;
}

function toPolicy(options: Options, strip: string): RoutePolicy {
  return {
    ws: options.ws,
    wsIdleMs: options['ws.timeout'],
    connectMs: options['timeout.connect'],
    readMs: options['timeout.read'] ?? options.timeout,
    sendMs: options['timeout.send'] ?? options.timeout,
    lb: options.lb,
    sticky: stickyPolicy(options),
    retries: options.retries,
    retryStatuses: options['retries.on'],
    waitMs: options.wait,
    requestsMax: options.maxconn,
    queueMs: options['maxconn.queue'],
    strip,
    rewrite: options.rewrite,
    requestHeaders: options.reqheader,
    responseHeaders: options.header,
    securityHeaders: securityHeaders(options),
    guards: guardsOf(options),
    cors: corsPolicy(options),
    accessLog: options.log,
    logFormat: options['log.format'],
    logFile: options['log.file'],
    http: options.http,
    tls: options.tls.kind !== 'off' && options.tls.kind !== 'passthrough',
    clientCertificate: options['tls.client'] !== null,
    cache: cachePolicy(options),
    errors: errorPolicy(options),
    compress: compressPolicy(options),
  };
}

function errorPolicy({ errors, 'errors.intercept': intercept }: Options): ErrorPolicy | null {
  // A file that nobody has looked for is none.
  const pages = errors.filter(({ source }) => source.kind !== 'file');
  const isBuiltIn = !intercept && pages.every(({ source }) => source.kind === 'builtin');
  return pages.length === 0 || isBuiltIn ? null : { pages, intercept };
}

function compressPolicy(options: Options): CompressPolicy | null {
  const { compress: codings, 'compress.min': bytesMin, 'compress.types': types } = options;
  return codings === false ? null : { codings, bytesMin, types };
}

/** One name for all routes: what the cookie says is told apart by its value. */
const stickyCookie = 'fairlead';

function stickyPolicy({ sticky, 'sticky.ttl': ttlMs }: Options): StickyPolicy | null {
  return sticky === false ? null : { cookie: sticky === true ? stickyCookie : sticky, ttlMs };
}

/** The prefix that `proxy.strip` removes, without trailing slash; '' = none. A regex has no prefix that could be meant by `true`. */
function strippedPrefix({ strip }: Options, path: PathPattern): string {
  if (strip === false) return '';
  if (strip !== true)
    return withoutTrailingSlash(readTarget(strip.startsWith('/') ? strip : `/${strip}`)?.normalised ?? '');
  switch (path.kind) {
    case 'prefix':
      return path.prefix;
    case 'exact':
      return withoutTrailingSlash(path.path);
    case 'regex':
      return '';
    default:
      return path satisfies never;
  }
}

function withoutTrailingSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}
