import type { TlsMode } from '../labels/options.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { CertificateState, CertificateView } from '../tls/certificate-view.ts';
import type { CertificateIndex } from './certificate-index.ts';

/** What `/routes` shows of a route's HTTPS (contract §3). */
export interface RouteTls {
  /** As `proxy.tls` says it. */
  readonly mode: string;
  readonly state: RouteTlsState;
  /** Times are ISO 8601, UTC. */
  readonly expires: string | null;
  /** When the next order is due. */
  readonly next: string | null;
  /** What is wrong and what to do; null when nothing is. */
  readonly error: string | null;
}

export type RouteTlsState =
  | CertificateState
  /** By its label, or because nothing listens for HTTPS. */
  | 'off'
  /** The container ends TLS itself. */
  | 'passthrough'
  /** The host is a pattern: names get certificates when somebody asks for them, and none has yet. */
  | 'on-demand'
  /** Not looked at yet. */
  | 'none';

/** @param certificates null = nothing listens for HTTPS. */
export function routeTls({ route, options }: RouteDetail, certificates: CertificateIndex | null): RouteTls {
  const mode = tlsText(options.tls);
  const without = (state: RouteTlsState): RouteTls => ({ mode, state, expires: null, next: null, error: null });
  if (certificates === null || options.tls.kind === 'off') return without('off');
  if (options.tls.kind === 'passthrough') return without('passthrough');
  const view = certificates.ofRoute(route);
  if (view === null) return without(route.host.kind === 'exact' ? 'none' : 'on-demand');
  const { state, notAfter: expires, nextAttempt: next } = view;
  return { mode, state, expires, next, error: certificateError(view) };
}

/** What is wrong with a certificate and what to do, in a line; null when nothing is. */
export function certificateError({ state, problem, why }: CertificateView): string | null {
  if (problem !== null && state !== 'valid') return `${problem.cause} ${problem.remedy}`;
  switch (state) {
    case 'valid':
    case 'ordering':
    case 'unused':
      return null;
    case 'waiting':
    case 'renewal-failing':
    case 'expired':
    case 'no-issuer':
    case 'missing':
      return why;
    default:
      return state satisfies never;
  }
}

function tlsText(mode: TlsMode): string {
  switch (mode.kind) {
    case 'cert':
      return `cert:${mode.name}`;
    case 'issuer':
      return mode.name;
    default:
      return mode.kind;
  }
}
