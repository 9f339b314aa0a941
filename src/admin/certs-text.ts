import type { CertificateProblem, CertificateView } from '../tls/certificate-view.ts';
import { issuerWords } from './issuer-words.ts';
import { terminalText, textTable } from './text-table.ts';
import { dateText, timeText } from './tls-words.ts';

const certificatesMax = 10_000;

/** `GET /certs` for a terminal: the certificates, then what is wrong with which, in full, with the mend. */
export function certsText(certificates: readonly CertificateView[]): string {
  if (certificates.length === 0)
    return 'no certificates: no route has a host that needs one, or HTTPS is off (FAIRLEAD_HTTPS)';
  const shown = certificates.slice(0, certificatesMax);
  const left = certificates.length - shown.length;
  const rows = shown.map(({ names, state, issuer, notAfter, nextAttempt }) => [
    names.join(', '),
    state,
    issuer ?? '-',
    notAfter === null ? '-' : dateText(notAfter),
    nextAttempt === null ? '-' : timeText(nextAttempt),
  ]);
  return [
    ...textTable(['NAMES', 'STATE', 'ISSUER', 'EXPIRES', 'NEXT ATTEMPT'], rows),
    ...(left > 0 ? [`… and ${left} more; ?format=json has them all`] : []),
    ...shown.flatMap(troubleLines),
  ].join('\n');
}

/** Of a certificate that is simply valid there is nothing more to say. */
function troubleLines({ names, state, why, failures, problem }: CertificateView): string[] {
  if (problem === null && (state === 'valid' || state === 'ordering' || state === 'unused')) return [];
  const failed = failures === 0 ? '' : ` (${failures} failed ${failures === 1 ? 'attempt' : 'attempts'} in a row)`;
  return [
    '',
    `${names.join(', ')} is ${state}${failed}`,
    ...(problem === null ? [`    ${why}`] : problemText(problem)),
  ].map(terminalText);
}

/** A problem in full: what is wrong, what to do, and what the issuer said word by word. */
export function problemText(problem: CertificateProblem): string[] {
  const { at, issuer, cause, remedy, retryAfter } = problem;
  const lines = [
    `cause:  ${cause}`,
    `to do:  ${remedy}`,
    `at:     ${timeText(at)}${issuer === '' ? '' : `, issuer ${issuer}`}`,
    ...issuerWords(problem).map((words, line) => `${line === 0 ? 'said:' : '     '}   ${words}`),
    ...(retryAfter === null ? [] : [`not before ${timeText(retryAfter)}`]),
  ];
  return lines.map((line) => `    ${terminalText(line)}`);
}
