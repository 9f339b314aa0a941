import type { CertificateProblem, CertificateView } from '../tls/certificate-view.ts';
import type { AdminAnswer, AdminContext } from './admin-context.ts';
import { type Html, html, nothing } from './html.ts';
import { issuerWords } from './issuer-words.ts';
import { pageAnswer } from './page-frame.ts';
import { dateText, timeText, tlsColours } from './tls-words.ts';

/** More than a person reads. */
const certificatesMax = 500;
const namesMax = 10;

/** `/certs` for a browser. */
export function certsPage(certificates: readonly CertificateView[], context: AdminContext): AdminAnswer {
  const shown = certificates.slice(0, certificatesMax);
  const left = certificates.length - shown.length;
  const body = html`<h2>Certificates <span class="quiet">${certificates.length}</span></h2>
<div class="card">${shown.length === 0 ? noCertificates() : certificateTable(shown)}</div>
${left > 0 ? html`<p class="quiet">and ${left} more; <a href="/certs?format=json">JSON</a> has them all.</p>` : nothing}
<p class="quiet"><code>fairlead certs renew HOST --dry</code> tries an order out without spending it.${
    context.view.internalRoot() === null
      ? nothing
      : html` Certificates of the internal CA are trusted by whoever installs <a href="/certs/root.pem">its root</a>.`
  }</p>`;
  return pageAnswer({ title: 'Certificates · Fairlead', body }, context);
}

function noCertificates(): Html {
  return html`<p class="empty">No route has a host that needs a certificate, or HTTPS is off (<code>FAIRLEAD_HTTPS</code>).</p>`;
}

function certificateTable(certificates: readonly CertificateView[]): Html {
  return html`<table>
<thead><tr><th>Names</th><th>State</th><th>Issuer</th><th class="n">Expires</th><th class="n">Next attempt</th></tr></thead>
<tbody>${certificates.map(certificateRow)}</tbody></table>`;
}

function certificateRow({ names, state, why, issuer, notAfter, nextAttempt, problem }: CertificateView): Html {
  const left = names.length - namesMax;
  const named = names.slice(0, namesMax).map((name) => html`<div class="mono"><strong>${name}</strong></div>`);
  // A problem says it itself.
  const reason = state === 'valid' || problem !== null ? nothing : html`<div class="why">${why}</div>`;
  return html`<tr>
<td>${named}${left > 0 ? html`<div class="quiet">and ${left} more</div>` : nothing}${reason}${problem === null ? nothing : problemItem(problem)}</td>
<td><span class="state ${tlsColours[state]}">${state}</span></td>
<td class="issuer" data-head="issuer">${issuer ?? '–'}</td>
<td class="n" data-head="expires">${dateText(notAfter)}</td>
<td class="n" data-head="next">${timeText(nextAttempt)}</td>
</tr>
`;
}

function problemItem(problem: CertificateProblem): Html {
  const { at, issuer, cause, remedy, retryAfter } = problem;
  return html`<div class="problem down"><p>${cause}</p><p class="mend">${remedy}</p>
<div class="why">${timeText(at)}${issuer === '' ? '' : `, issuer ${issuer}`}${retryAfter === null ? '' : `, not before ${timeText(retryAfter)}`}</div>
${issuerWords(problem).map((words) => html`<div class="why mono">${words}</div>`)}</div>`;
}
