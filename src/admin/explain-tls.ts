import { readAuthority } from '../http/authority.ts';
import { entranceOf, secureLocation } from '../proxy/entrance.ts';
import type { Explanation } from '../routing/explain.ts';
import type { Question } from '../routing/question.ts';
import type { RouteDetail } from '../routing/route-detail.ts';
import type { CertificateView } from '../tls/certificate-view.ts';
import { coversHost } from '../tls/covers-host.ts';
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
  /** Whether there is an answer at all: a handshake that is refused, or a port on which nobody listens, has none. */
  readonly stands: boolean;
  /** The certificate is not for the host that the request names (421). */
  readonly misdirected: boolean;
  /** How a plain request may enter, by the data plane's own rule. */
  readonly entrance: 'open' | 'redirect' | 'refuse';
  /** Where it is sent; null where it is not. */
  readonly location: string | null;
}

interface About {
  readonly question: Question;
  /** The URL says https. */
  readonly secure: boolean;
  /** The host of the URL, which a client names in its handshake. */
  readonly urlHost: string;
  readonly explanation: Explanation;
  readonly detail: RouteDetail | undefined;
  readonly certificates: CertificateIndex;
  readonly isReady: (host: string) => boolean;
  readonly settings: AdminContext['settings'];
}

export function explainTls(about: About): TlsExplanation {
  const { question, detail, certificates, isReady, settings, secure, urlHost } = about;
  const authority = readAuthority(question.authority);
  const host = authority?.host ?? '';
  const view = settings.https === null ? null : certificates.ofHost(secure ? urlHost : host);
  const certificate = view && { names: view.names, state: view.state, issuer: view.issuer, notAfter: view.notAfter };
  const misdirected = secure && host !== urlHost && view !== null && !coversHost(view.names, host);
  const scheme = secure ? 'https' : 'http';
  const without = { scheme, certificate, location: null, stands: true, misdirected, entrance: 'open' } as const;
  if (secure) return { ...without, ...handshake(about, urlHost, view) };
  if (settings.http === null)
    return { ...without, stands: false, does: 'nothing listens for plain HTTP (FAIRLEAD_HTTP=off)' };
  if (detail === undefined) return { ...without, does: 'plain HTTP, so TLS has no part in it' };

  const { policy } = detail.route;
  const httpsPort = settings.https?.port ?? null;
  const request = {
    host,
    target: question.target,
    client: { scheme: question.scheme },
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

type Handshake = Pick<TlsExplanation, 'does' | 'stands'>;

/** What the handshake comes to. */
function handshake(about: About, host: string, view: CertificateView | null): Handshake {
  const { explanation, detail, settings } = about;
  const stands = (does: string): Handshake => ({ does, stands: true });
  const fails = (does: string): Handshake => ({ does, stands: false });
  if (settings.https === null) return fails('nothing listens for HTTPS (FAIRLEAD_HTTPS=off)');
  const kind = detail?.options.tls.kind;
  if (kind === 'off' || kind === 'passthrough') return fails(`the handshake is refused: proxy.tls=${kind}`);
  if (view !== null && isShown(view)) {
    const signer = view.issuer === null ? '' : `, signed by ${view.issuer}`;
    return stands(`the client is shown the certificate of ${view.names.join(', ')}${signer}, ${trouble(view)}`);
  }
  if (view !== null)
    return detail?.options['tls.placeholder'] === true
      ? stands(`until there is a certificate, the client is shown a placeholder of the internal CA: ${trouble(view)}`)
      : fails(`there is no certificate to show, so the handshake is refused: ${trouble(view)}`);
  if (explanation.outcome === 'host-unknown')
    return settings.unknownHost === 'close'
      ? fails(
          `nobody claims ${host}: the handshake is refused with the alert unrecognized_name (FAIRLEAD_UNKNOWN_HOST=close)`,
        )
      : stands(
          `nobody claims ${host}: the client is shown a certificate that is not for it, then ${settings.unknownHost}`,
        );
  return detail !== undefined && detail.route.host.kind !== 'exact'
    ? stands(
        `${host} has no certificate yet: one is ordered at the first handshake, where that can be done for ${detail.route.host.text}`,
      )
    : fails(`no certificate covers ${host}: the handshake is refused`);
}

function trouble(view: CertificateView): string {
  const error = certificateError(view);
  return `${tlsWords({ state: view.state, expires: view.notAfter, next: view.nextAttempt })}${error === null ? '' : `: ${error}`}`;
}
