import type { CertificateView } from '../tls/certificate-view.ts';

/** The body of `GET /certs`, certificate by certificate: many of them are never one text in memory. */
export function* certsJson(certificates: readonly CertificateView[]): Generator<string> {
  yield '{\n "certificates": [';
  let separator = '\n  ';
  for (const certificate of certificates) {
    yield separator + JSON.stringify(certificate);
    separator = ',\n  ';
  }
  yield '\n ]\n}\n';
}
