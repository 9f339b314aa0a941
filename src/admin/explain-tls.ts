import { readAuthority } from '../http/authority.ts';
import { entranceOf, secureLocation } from '../proxy/entrance.ts';
import type { Explanation } from '../routing/explain.ts';
import type { Question } from '../routing/question.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { CertificateView } from '../tls/certificate-view.ts';
import type { AdminContext } from './admin-context.ts';
import { type CertificateIndex, isShown } from './certificate-index.ts';
import { certificateError } from './route-tls.ts';
import { tlsWords } from './tls-words.ts';

/** What TLS does for the URL that is asked about. */
export interface TlsExplanation {
  readonly scheme: 'http' | 'https';
  /** In a sentence. */
  readonly does: string;
  /** Of its host; null where there is none. */
  readonly certificate: Pick<CertificateView, 'names' | 'state' | 'issuer' | 'notAfter'> | null;
  /** How a plain request may enter, by the data plane's own rule. */
  readonly entrance: 'open' | 'redirect' | 'refuse';
  /** Where it is sent; null where it is not. */
  readonly location: string | null;
}

interface About {
  readonly question: Question;
  readonly explanation: Explanation;
  readonly detail: RouteDetail | undefined;
  readonly certificates: CertificateIndex;
  readonly isReady: (host: string) => boolean;
  readonly settings: AdminContext['settings'];
}

export function explainTls(about: About): TlsExplanation {
  const { question, detail, certificates, isReady, settings } = about;
  const { scheme } = question;
  const authority = readAuthority(question.authority);
  const host = authority?.host ?? '';
  const view = settings.https === null ? null : certificates.ofHost(host);
  const certificate = view && { names: view.names, state: view.state, issuer: view.issuer, notAfter: view.notAfter };
  const without = { scheme, certificate, location: null } as const;
  if (scheme === 'https') return { ...without, entrance: 'open', does: handshake(about, host, view) };
  if (detail === undefined) return { ...without, entrance: 'open', does: 'plain HTTP, so TLS has no part in it' };

  const { policy } = detail.route;
  const httpsPort = settings.https?.port ?? null;
  const request = {
    host,
    target: question.target,
    client: { scheme },
    exchange: { client: {} },
    requester: { authority },
  };
  const entrance = entranceOf(request, policy, { httpsPort, isReady });
  switch (entrance) {
    case 'redirect': {
      const location = secureLocation(request, httpsPort);
      return { ...without, entrance, location, does: `its certificate is there, so the client is sent to ${location}` };
    }
    case 'refuse':
      return { ...without, entrance, does: `refused over plain HTTP: ${whyRefused(detail)}` };
    case 'open':
      return { ...without, entrance, does: `served over plain HTTP: ${whyOpen(about, detail, view)}` };
    default:
      return entrance satisfies never;
  }
}

function whyRefused({ options }: RouteDetail): string {
  return options['tls.client'] !== null ? 'proxy.tls.client asks for a certificate of the client' : 'proxy.http=off';
}

function whyOpen({ settings }: About, { options }: RouteDetail, view: CertificateView | null): string {
  if (settings.https === null) return 'nothing listens for HTTPS (FAIRLEAD_HTTPS=off)';
  if (options.http === 'serve') return 'proxy.http=serve';
  if (options.tls.kind === 'off' || options.tls.kind === 'passthrough') return `proxy.tls=${options.tls.kind}`;
  // Signed by the internal CA for a local name (see TlsDemand.quiet).
  if (view !== null && isShown(view) && view.mode === 'internal')
    return 'nobody is sent to a certificate of the internal CA unless proxy.tls=internal or proxy.http=redirect says so';
  return `there is no certificate to send the client to yet${view === null ? '' : `: ${trouble(view)}`}`;
}

/** What the handshake comes to. */
function handshake({ explanation, detail, settings }: About, host: string, view: CertificateView | null): string {
  if (settings.https === null) return 'nothing listens for HTTPS (FAIRLEAD_HTTPS=off)';
  const kind = detail?.options.tls.kind;
  if (kind === 'off' || kind === 'passthrough') return `the handshake is refused: proxy.tls=${kind}`;
  if (view !== null && isShown(view)) {
    const signer = view.issuer === null ? '' : `, signed by ${view.issuer}`;
    return `the client is shown the certificate of ${view.names.join(', ')}${signer}, ${trouble(view)}`;
  }
  if (view !== null)
    return detail?.options['tls.placeholder'] === true
      ? `until there is a certificate, the client is shown a placeholder of the internal CA: ${trouble(view)}`
      : `there is no certificate to show, so the handshake is refused: ${trouble(view)}`;
  if (explanation.outcome === 'host-unknown')
    return settings.unknownHost === 'close'
      ? `nobody claims ${host}: the handshake is refused with the alert unrecognized_name (FAIRLEAD_UNKNOWN_HOST=close)`
      : `nobody claims ${host}: the client is shown a certificate that is not for it, then ${settings.unknownHost}`;
  return detail !== undefined && detail.route.host.kind !== 'exact'
    ? `${host} has no certificate yet: one is ordered at the first handshake, where that can be done for ${detail.route.host.text}`
    : `no certificate covers ${host}: the handshake is refused`;
}

function trouble(view: CertificateView): string {
  const error = certificateError(view);
  return `${tlsWords({ state: view.state, expires: view.notAfter, next: view.nextAttempt })}${error === null ? '' : `: ${error}`}`;
}
