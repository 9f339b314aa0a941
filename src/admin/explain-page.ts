import type { AdminAnswer, AdminContext } from './admin-context.ts';
import { answerText, candidateText } from './explain-text.ts';
import type { ExplainView } from './explain-view.ts';
import { type Html, html, nothing } from './html.ts';
import { explainForm, pageAnswer } from './page-frame.ts';

/** `/explain` for a browser: the question again, and its answer. */
export function explainPage(
  { query, mistake, view }: { query: URLSearchParams; mistake: string; view: ExplainView | null },
  context: AdminContext,
): AdminAnswer {
  const asked = (name: string) => query.get(name) ?? '';
  const form = explainForm({ url: asked('url'), method: asked('method'), header: asked('header'), ip: asked('ip') });
  const answer = view === null ? html`<p class="notice">${mistake}</p>` : explanation(view);
  const title = 'Explain a request · Fairlead';
  return pageAnswer({ title, body: html`${form}${answer}`, status: view === null ? 400 : 200 }, context);
}

function explanation(view: ExplainView): Html {
  const { route, tls, why, answer, nearestHosts, candidates, steps, backends } = view;
  const head =
    route === null
      ? html`<span class="state down">no route</span>`
      : html`<span class="state ${answer === null || view.outcome === 'redirect' ? 'live' : 'down'}">route</span> <strong class="mono">${route}</strong>`;
  return html`<h2>Verdict</h2>
<p class="answer">${head}</p>
<p>${why}.</p>
<p>TLS: ${tls.does}.</p>
${answer === null ? nothing : html`<p>What the client sees: ${answerText(answer)}.</p>`}
${list(
  'Nearest hosts',
  nearestHosts.map((host) => html`<code>${host}</code>`),
)}
${list(
  'Candidates',
  candidates.map((candidate) => html`<span class="mono">${candidateText(candidate)}</span>`),
)}
${pairs(
  'Steps',
  steps.map(({ step, active, does }) => [step, active ? html`${does}` : html`<span class="quiet">${does}</span>`]),
)}
${list(
  'Backends',
  backends.map(
    ({ container, address, state, takes, reason }) =>
      html`<span class="dot ${takes ? 'live' : 'down'}"></span>${container} <code class="quiet">${address}</code> ${state}${reason === '' ? '' : `: ${reason}`}`,
  ),
)}`;
}

function list(title: string, items: readonly Html[]): Html {
  if (items.length === 0) return nothing;
  return html`<h2>${title}</h2><div class="card"><table><tbody>${items.map((item) => html`<tr><td>${item}</td></tr>`)}</tbody></table></div>`;
}

function pairs(title: string, items: readonly (readonly [string, Html])[]): Html {
  if (items.length === 0) return nothing;
  return html`<h2>${title}</h2><div class="card"><dl>${items.map(([term, said]) => html`<dt class="mono">${term}</dt><dd>${said}</dd>`)}</dl></div>`;
}
