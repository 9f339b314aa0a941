import type { PasswordDesk } from '../auth/password-desk.ts';
import type { ControlView } from './control-view.ts';
import type { LiveFeed } from './live/live-feed.ts';
import type { MetricMemory } from './metrics.ts';

/** The settings that the admin API needs. */
export interface AdminSettings {
  /** null: no TCP listener, only the socket. */
  readonly admin: { readonly host: string | undefined; readonly port: number } | null;
  /** Must be there where others than this machine can reach the address. */
  readonly adminToken: string | null;
  /** Holds the socket of the commands. */
  readonly dataDir: string;
  readonly unknownHost: 'close' | '404' | '421';
  /** Whose X-Forwarded-* is believed, as CIDRs. */
  readonly trusted: readonly string[];
  readonly headBytesMax: number;
  readonly uriBytesMax: number;
  readonly fieldLinesMax: number;
  /** How long a route outlives its containers. */
  readonly lingerMs: number;
  /** null: the proxy was told not to listen there. */
  readonly http: unknown;
  /** The port as it was claimed, never 0: `/explain` says where a client is sent. */
  readonly https: { readonly port: number } | null;
}

/** What an endpoint may look at. */
export interface AdminContext {
  readonly view: ControlView;
  readonly settings: Omit<AdminSettings, 'admin' | 'adminToken' | 'dataDir'>;
  /** Compares passwords that somebody asks `/explain` about. */
  readonly passwords: Pick<PasswordDesk, 'check'>;
  /** Epoch ms. */
  now(): number;
  readonly memory: MetricMemory;
  /** Who looks on. */
  readonly live: LiveFeed;
  /** Of this answer's Content-Security-Policy: an inline script without it does not run. */
  readonly nonce: string;
  /** Whether it is a browser with a session that asks, so that it can be ended. */
  readonly signedIn: boolean;
}

/** Form of an answer, by `?format=` or Accept. */
export type Format = 'json' | 'text' | 'html';

/** A request that was let in. */
export interface AdminRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly format: Format;
  /** What a listener of `/events` has heard last, where it comes back. */
  readonly lastEventId: string | undefined;
  readonly ifNoneMatch: string | undefined;
}

export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  /** In pieces where it may be large, or goes on for as long as somebody listens. */
  readonly body: string | Iterable<string> | AsyncIterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Endpoint = (request: AdminRequest, context: AdminContext) => AdminAnswer | Promise<AdminAnswer>;
