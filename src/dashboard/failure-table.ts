import { html, nothing, type TemplateResult } from 'lit-html';
import type { FailedRequest } from '../admin/live/live-view.ts';
import type { RouteView } from '../admin/route-view.ts';
import { msText } from '../base/ms-text.ts';
import { failureKinds } from '../http/failure.ts';
import { explainLink } from './explain-question.ts';
import { clockText } from './format.ts';
import { reasonLink } from './our-links.ts';
import { exampleUrl } from './route-url.ts';

/** What is seen at once; the others are behind a press. */
const shownMax = 10;

/** Requests that ended badly, each with its reason. */
export function failureTable(failures: readonly FailedRequest[], route: RouteView): TemplateResult {
  if (failures.length === 0)
    return html`<p class="card empty">None since the proxy is up, or none that is remembered.</p>`;
  const rest = failures.slice(shownMax);
  return html`${table('Failed requests', failures.slice(0, shownMax), route)}
${rest.length === 0 ? nothing : html`<details><summary>${rest.length} more</summary>${table('Failed requests before those', rest, route)}</details>`}`;
}

function table(caption: string, failures: readonly FailedRequest[], route: RouteView): TemplateResult {
  return html`<div class="card"><table class="rows noted">
<caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">When (UTC)</th><th scope="col">Request</th><th scope="col">Status and reason</th><th scope="col">Backend</th><th scope="col" class="n">Took</th><th scope="col">Client</th></tr></thead>
<tbody>${failures.map((failure) => failureRow(failure, route))}</tbody></table></div>`;
}

function failureRow(failure: FailedRequest, route: RouteView): TemplateResult {
  const { at, client, totalMs, upstreamMs } = failure;
  return html`<tr>
<td title=${at}>${clockText(at)}</td>
<td>${requestWords(failure, route)}</td>
<td><strong>${failure.status}</strong> ${reasonWords(failure)}</td>
<td data-head="backend">${backendWords(failure)}</td>
<td class="n" data-head="took" title=${upstreamMs === null ? '' : `${msText(upstreamMs)} of it at the backend`}>${msText(totalMs)}</td>
<td data-head="client" class="mono">${client}</td>
</tr>`;
}

type Noted = Omit<FailedRequest, 'reason'>;

/** What was asked, with a link that explains it, and the id that finds it in the log. */
export function requestWords({ requestId, method, path, client }: Noted, route: RouteView): TemplateResult {
  const url = exampleUrl({ ...route, path });
  const request = html`<span class="mono">${method} ${path}</span>`;
  return html`${url === null ? request : html`<a href=${explainLink({ url, method, ip: client })} title="Explain this request">${request}</a>`}<div class="quiet mono">${requestId}</div>`;
}

/** Who answered, or failed last. */
export function backendWords({ container, upstream, tries }: Noted): TemplateResult {
  return html`${container ?? '–'}${upstream === null ? '' : html` <code class="quiet">${upstream}</code>`}${tries > 1 ? html` <span class="quiet">${tries} tries</span>` : ''}`;
}

function reasonWords({ reason }: FailedRequest): TemplateResult {
  if (reason === null) return html`<span class="quiet">the backend’s own answer</span>`;
  return html`<a href=${reasonLink(reason)}><code>${reason}</code></a> <span class="quiet">${failureKinds[reason].title}</span>`;
}
