import type { Route } from '../routing/table.ts';
import type { CertificateState, CertificateView } from '../tls/certificate-view.ts';
import { wildcardOf } from '../tls/covers-host.ts';

/** The certificates of one moment, to be found by route and by host; built once per answer. */
export class CertificateIndex {
  readonly #byName = new Map<string, CertificateView>();
  readonly #byRoute = new Map<string, CertificateView>();

  constructor(views: readonly CertificateView[]) {
    for (const view of views) {
      for (const name of view.names) keep(this.#byName, name, view, isInUse);
      for (const route of view.routes) keep(this.#byRoute, route, view, () => true);
    }
  }

  /** The certificate of a route's host. Where each name of a pattern has its own, the one that needs help most. */
  ofRoute({ id, host }: Pick<Route, 'id' | 'host'>): CertificateView | null {
    const own = host.kind === 'exact' ? this.ofHost(host.name) : this.#byName.get(host.text);
    return own ?? this.#byRoute.get(id) ?? null;
  }

  /** @param host as `readAuthority` gives it, or in brackets; or a wildcard itself. */
  ofHost(host: string): CertificateView | null {
    const name = host.replace(/^\[(.*)\]$/, '$1');
    return this.#byName.get(name) ?? this.#byName.get(wildcardOf(name) ?? '') ?? null;
  }
}

/** A certificate that a client is shown. One that has run out is shown all the same: there is no better. */
export function isShown({ notAfter }: CertificateView): boolean {
  return notAfter !== null;
}

/** From what nobody has to look at to what somebody has to mend. */
const urgency: Readonly<Record<CertificateState, number>> = {
  unused: 0,
  valid: 1,
  ordering: 2,
  waiting: 3,
  'renewal-failing': 4,
  'no-issuer': 5,
  missing: 6,
  expired: 7,
};

/** Of a name, what a client is shown counts before what is to take its place, such as a certificate with one name more. */
function isInUse(view: CertificateView): boolean {
  return view.state !== 'unused' && isShown(view);
}

function keep(
  views: Map<string, CertificateView>,
  key: string,
  view: CertificateView,
  isFirst: (view: CertificateView) => boolean,
): void {
  const known = views.get(key);
  const counts =
    known === undefined ||
    (isFirst(known) === isFirst(view) ? urgency[known.state] < urgency[view.state] : isFirst(view));
  if (counts) views.set(key, view);
}
