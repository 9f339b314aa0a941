import type { Problem } from '../../labels/problem.ts';
import type { FailedRequest } from '../../proxy/failed-request.ts';
import type { SlowRequest } from '../../proxy/slow-request.ts';
import type { ConnectionTraffic } from '../../proxy/traffic.ts';
import type { Unrouted } from '../../routing/unrouted.ts';
import type { CertificateView } from '../../tls/certificate-view.ts';
import type { DockerView } from '../docker-view.ts';
import type { BackendView, RouteView } from '../route-view.ts';

/*
 * What `GET /live` tells, as server-sent events: JSON in `data`, named by `event`. Times are ISO 8601, UTC, where nothing else is said.
 */

/** A container that has labels for the proxy, and no route. */
export type UnroutedView = Unrouted;
export type { FailedRequest, SlowRequest };

/** Event `overview`: at once, and again when something of it has changed, at most once a second. */
export interface OverviewView {
  readonly at: string;
  /** Of the table. */
  readonly version: number;
  /** Version of the proxy. */
  readonly product: string;
  readonly docker: DockerView;
  /** Of the data plane and of logs. */
  readonly warnings: readonly string[];
  /** How long a route outlives its containers, such as `1m`. */
  readonly linger: string;
  /** Of the whole table. */
  readonly routesTotal: number;
  /** That fit `?q=`. */
  readonly routesFound: number;
  /** In matching order, those that fit, at most 500: of more than that those that are not live, and the first of the others. */
  readonly routes: readonly RouteSummary[];
  /** At most 200. */
  readonly problems: readonly Problem[];
  readonly problemsTotal: number;
  /** At most 200. */
  readonly unrouted: readonly UnroutedView[];
  readonly unroutedTotal: number;
  /** As `/certs` has them, at most 200. */
  readonly certificates: readonly CertificateView[];
  readonly certificatesTotal: number;
}

/** A route of `/routes` without its options and numbers. */
export interface RouteSummary
  extends Pick<RouteView, 'id' | 'host' | 'path' | 'name' | 'match' | 'state' | 'why' | 'redirect' | 'tls'> {
  /** All its containers were removed, and it goes soon. */
  readonly lingers: boolean;
  /** How backends are chosen, as `proxy.lb` says it. */
  readonly policy: string;
  /** At most 20. That only `inFlight` or `fails` has changed is no news here: see `LiveNumbers`. */
  readonly backends: readonly BackendView[];
  readonly backendsTotal: number;
  /** How many it has. */
  readonly problems: number;
  readonly hasCache: boolean;
}

/** Event `numbers`: every second. */
export interface NumbersView {
  readonly at: string;
  /** The stub_status numbers. */
  readonly connections: ConnectionTraffic;
  /** Of all routes. */
  readonly perSecond: number;
  /** By id, of the routes that are shown those that have changed since the last event of this listener. */
  readonly routes: Readonly<Record<string, LiveNumbers>>;
}

/** Quantiles over the last 60 s, the rate over 10 to 15 s, or since the proxy is up; totals since then. */
export interface LiveNumbers {
  readonly perSecond: number;
  /** ms; null when nothing was measured. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly requests: number;
  readonly s2xx: number;
  readonly s3xx: number;
  readonly s4xx: number;
  readonly s5xx: number;
  /** 0–1, of what the cache was asked; null where it was asked nothing, or there is none. */
  readonly cacheHitRatio: number | null;
  /** Open tunnels, such as WebSockets. */
  readonly sockets: number;
  /** Requests that wait for a backend now. */
  readonly waiting: number;
  /** By container name, those of the summary. */
  readonly backends: Readonly<Record<string, { readonly inFlight: number; readonly fails: number }>>;
}

/** With `?route=<id>` event `route`: at once and when it has changed, at most once a second; `GET /route?id=<id>` gives it as JSON. */
export interface RouteDetailView {
  readonly at: string;
  /** As `/routes` has it, with all options; null = there is no such route (any more). */
  readonly route: RouteView | null;
  readonly numbers: LiveNumbers | null;
  readonly certificate: CertificateView | null;
  /** The newest first, at most 50. */
  readonly failures: readonly FailedRequest[];
  /** That ended well and took a second or more, the newest first, at most 20. */
  readonly slow: readonly SlowRequest[];
  readonly history: RouteHistory;
}

/** Columns of the same length, oldest first: one entry for 5 s, at most 180 (15 minutes). */
export interface RouteHistory {
  /** When the 5 s ended, epoch s. */
  readonly at: readonly number[];
  readonly perSecond: readonly number[];
  /** ms; null when nothing was measured. */
  readonly p50: readonly (number | null)[];
  readonly p95: readonly (number | null)[];
  readonly p99: readonly (number | null)[];
  /** Requests in these 5 s. */
  readonly s2xx: readonly number[];
  readonly s3xx: readonly number[];
  readonly s4xx: readonly number[];
  readonly s5xx: readonly number[];
}
