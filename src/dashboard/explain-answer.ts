import { html, nothing, type TemplateResult } from 'lit-html';
import type { CandidateView, ExplainView } from '../admin/explain-view.ts';
import { failureKinds } from '../http/failure.ts';
import { codeText } from './code-text.ts';
import { type Asked, explainLink } from './explain-question.ts';
import { reasonLink, routeLink } from './our-links.ts';
import { problemList } from './problem-list.ts';
import { backendColour, type Colour, chip } from './state-chip.ts';

type Step = ExplainView['steps'][number];
type Chance = ExplainView['backends'][number];

/** How a request would be decided, step by step. @param asked what was asked, to ask it of another host. */
export function explainAnswer(view: ExplainView, asked: Asked): TemplateResult {
  const { method, url, ip, route, tls, why, answer, notes } = view;
  const isServed = route !== null && (answer === null || (answer.status !== null && answer.status < 400));
  return html`<section><h2>Verdict</h2>
<div class="card verdict">
<p>${chip(route === null ? 'no route' : isServed ? 'served' : 'refused', isServed ? 'live' : 'down')} <span class="mono">${method} ${url}</span> <span class="quiet">from ${ip}</span></p>
${route === null ? nothing : html`<p>Route <a class="mono" href=${routeLink(route)}>${route}</a></p>`}
<p>${codeText(why)}.</p>
<p>TLS: ${codeText(tls.does)}.</p>
${notes.map((note) => html`<p>${codeText(note)}</p>`)}
${answer === null ? pickWords(view) : html`<p>What the client sees: ${answerWords(answer)}</p>`}
</div></section>
${nearestSection(view, asked)}${unservedSection(view)}${problemSection(view)}${stepSection(view)}${backendSection(view)}${candidateSection(view)}`;
}

function answerWords({ status, reason, meaning }: NonNullable<ExplainView['answer']>): TemplateResult {
  const word = Object.hasOwn(failureKinds, reason)
    ? html`<a href=${reasonLink(reason)}><code>${reason}</code></a>`
    : html`<code>${reason}</code>`;
  return html`${status === null ? nothing : html`<strong>${status}</strong> `}${word}: ${codeText(meaning)}.`;
}

function pickWords({ picked, pickedBy }: ExplainView): TemplateResult | typeof nothing {
  if (pickedBy === '') return nothing;
  return html`<p>Backend: ${picked === null ? nothing : html`<strong>${picked}</strong>: `}${codeText(pickedBy)}</p>`;
}

function unservedSection({ unserved }: ExplainView): TemplateResult | typeof nothing {
  if (unserved.length === 0) return nothing;
  return html`<section><h2>In labels, but without a route</h2><ul class="card plain">${unserved.map(
    ({ container, label, why }) =>
      html`<li>${container} <code>${label}</code> <span class="why">${codeText(why)}</span></li>`,
  )}</ul></section>`;
}

function nearestSection({ nearestHosts }: ExplainView, asked: Asked): TemplateResult | typeof nothing {
  if (nearestHosts.length === 0) return nothing;
  const place = URL.parse(asked.url.includes('://') ? asked.url : `http://${asked.url}`);
  const link = (host: string) =>
    `${place?.protocol ?? 'http:'}//${host.replace(/^\*/, 'any')}${place?.pathname ?? '/'}`;
  return html`<section><h2>Nearest hosts</h2><ul class="card plain">${nearestHosts.map(
    (host) => html`<li><a class="mono" href=${explainLink({ ...asked, url: link(host) })}>${host}</a></li>`,
  )}</ul></section>`;
}

function problemSection({ problems }: ExplainView): TemplateResult | typeof nothing {
  if (problems.length === 0) return nothing;
  return html`<section><h2>Problems with the labels of the route</h2>${problemList(problems)}</section>`;
}

const verdicts: Readonly<Record<Step['verdict'], readonly [string, Colour]>> = {
  pass: ['passes', 'live'],
  stop: ['stops here', 'down'],
  changes: ['changes it', 'info'],
  unknown: ['not known', 'degraded'],
};

function stepSection({ steps }: ExplainView): TemplateResult | typeof nothing {
  if (steps.length === 0) return nothing;
  return html`<section><h2>Steps <span class="quiet">in this order</span></h2><ol class="card steps">${steps.map(stepItem)}</ol></section>`;
}

function stepItem({ step, does, active, verdict, reached, status, reason }: Step): TemplateResult {
  const [word, colour] = verdicts[verdict];
  const answer = [status, reason].filter((part) => part !== null).join(' ');
  const said = !reached ? chip('not reached', 'info') : active ? chip(word, colour) : nothing;
  return html`<li class=${active && reached ? '' : 'quiet'}><code>${step}</code><span>${answer === '' ? nothing : html`<strong>${answer}</strong> `}${codeText(does)}</span>${said}</li>`;
}

function backendSection({ backends, picked }: ExplainView): TemplateResult | typeof nothing {
  if (backends.length === 0) return nothing;
  return html`<section><h2>Backends</h2><ul class="card plain">${backends.map(
    (backend) =>
      html`<li>${chip(backend.state, backendColour(backend.state))} ${backend.container} <code class="quiet">${backend.address}</code> <span class="why">${chanceWords(backend)}</span>${backend.container === picked ? html` <strong>← would get it</strong>` : nothing}</li>`,
  )}</ul></section>`;
}

function chanceWords({ reason, share, inFlight }: Chance): string {
  const words = [
    reason,
    share === null ? '' : `${Math.round(share * 100)} % of such requests`,
    inFlight === null ? '' : `${inFlight} in flight`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

function candidateSection({ candidates }: ExplainView): TemplateResult | typeof nothing {
  if (candidates.length === 0) return nothing;
  return html`<section><h2>Candidates <span class="quiet">in the order in which they are matched</span></h2><ul class="card plain">${candidates.map(
    (candidate) =>
      html`<li>${candidateChip(candidate)} <a class="mono" href=${routeLink(candidate.route)}>${candidate.route}</a> ${lackedWords(candidate)}</li>`,
  )}</ul></section>`;
}

function candidateChip({ verdict }: CandidateView): TemplateResult {
  switch (verdict) {
    case 'taken':
      return chip('taken', 'live');
    case 'beaten':
      return chip('beaten', 'info');
    case 'lacking':
      return chip('not fitting', 'info');
    default:
      return verdict satisfies never;
  }
}

function lackedWords({ verdict, lacked }: CandidateView): TemplateResult | typeof nothing {
  if (verdict === 'beaten') return html`<span class="quiet">would take it too, but stands behind</span>`;
  return lacked.length === 0 ? nothing : html`<span class="quiet">wants ${lacked.join(', ')}</span>`;
}
