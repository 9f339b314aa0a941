import { html, nothing, type TemplateResult } from 'lit-html';
import { issuerWords } from '../admin/issuer-words.ts';
import { dateText, timeText, tlsColours } from '../admin/tls-words.ts';
import type { CertificateProblem, CertificateView } from '../tls/certificate-view.ts';
import { codeText } from './code-text.ts';
import { distanceText } from './format.ts';
import { routeLink } from './our-links.ts';
import { chip } from './state-chip.ts';

/** More names than a person reads. */
const namesMax = 10;
const routesMax = 5;

/** How a certificate stands, and what happens next. @param more buttons, and what came of them. */
export function certificateCard(
  view: CertificateView,
  nowMs: number,
  more: TemplateResult | typeof nothing = nothing,
): TemplateResult {
  const { names, state, why, issuer, notAfter, failures, problem, routes } = view;
  const left = names.length - namesMax;
  const expires = notAfter === null ? 'none yet' : `${dateText(notAfter)}, ${distanceText(notAfter, nowMs)}`;
  return html`<article class="certificate">
<div class="head"><h3 class="mono">${names.slice(0, namesMax).join(' ')}${left > 0 ? html` <span class="quiet">and ${left} more</span>` : nothing}</h3>${chip(state, tlsColours[state])}</div>
<dl><div><dt>Next</dt><dd>${nextWords(view, nowMs)}</dd></div>
<div><dt>Expires</dt><dd>${expires}</dd></div>
<div><dt>Issuer</dt><dd>${issuer ?? '–'} <span class="quiet">(${modeWords[view.mode]})</span></dd></div>
${routes.length === 0 ? nothing : html`<div><dt>For</dt><dd>${routes.slice(0, routesMax).map((id) => html`<a class="mono" href=${routeLink(id)}>${id}</a> `)}${routes.length > routesMax ? `and ${routes.length - routesMax} more routes` : ''}</dd></div>`}</dl>
${state === 'valid' || problem !== null || why === '' ? nothing : html`<p class="why">${codeText(why)}</p>`}
${problem === null ? nothing : problemPart(problem, failures)}${more}
</article>`;
}

const modeWords = { acme: 'ACME', internal: 'internal CA', file: 'file of the operator' } as const;

/** What will happen next, and when. */
export function nextWords({ state, mode, nextAttempt, notAfter }: CertificateView, nowMs: number): string {
  const when = nextAttempt === null ? '' : `${timeText(nextAttempt)} (${distanceText(nextAttempt, nowMs)})`;
  switch (state) {
    case 'valid':
      if (mode === 'file') return 'nothing by itself: its files are watched, so put new ones there in time';
      if (when === '') return mode === 'internal' ? 'signed anew by itself in time' : 'nothing is due';
      return `renewed by itself ${when}`;
    case 'ordering':
      return 'an order is under way';
    case 'waiting':
    case 'renewal-failing':
      return when === '' ? 'tried again once what is wrong is mended' : `tried again ${when}`;
    case 'expired':
      return when === '' ? 'nothing by itself' : `tried again ${when}`;
    case 'no-issuer':
      return 'nothing until an issuer is set';
    case 'missing':
      return 'nothing until its files are there: they are looked for all the time';
    case 'unused':
      return notAfter === null ? 'thrown away, as no route needs it' : 'kept for a while, as no route needs it';
    default:
      return state satisfies never;
  }
}

function problemPart(problem: CertificateProblem, failures: number): TemplateResult {
  const { at, issuer, cause, remedy, retryAfter } = problem;
  const facts = [
    timeText(at),
    issuer === '' ? '' : `issuer ${issuer}`,
    failures > 1 ? `${failures} failed attempts in a row` : '',
    retryAfter === null ? '' : `not before ${timeText(retryAfter)}, said the issuer`,
  ];
  return html`<div class="problem down"><p>${codeText(cause)}</p><p class="mend">${codeText(remedy)}</p>
<p class="quiet">${facts.filter((fact) => fact !== '').join(', ')}</p>
${issuerWords(problem).map((words) => html`<p class="quiet mono">${words}</p>`)}</div>`;
}
