import { html, type TemplateResult } from 'lit-html';
import type { SlowRequest } from '../admin/live/live-view.ts';
import type { RouteView } from '../admin/route-view.ts';
import { msText } from '../base/ms-text.ts';
import { backendWords, requestWords } from './failure-table.ts';
import { clockText, countText } from './format.ts';

/** Requests that went well and took long, each with where its time went. */
export function slowTable(slow: readonly SlowRequest[], route: RouteView): TemplateResult {
  if (slow.length === 0)
    return html`<p class="card empty">None took a second or more since the proxy is up, or none is remembered.</p>`;
  return html`<div class="card"><table class="rows noted">
<caption class="unseen">Slow requests</caption>
<thead><tr><th scope="col">When (UTC)</th><th scope="col">Request</th><th scope="col">Backend</th><th scope="col" class="n" title="held, because no backend could take it">Waiting</th><th scope="col" class="n" title="from asking the backend to the head of its answer">Answering</th><th scope="col" class="n" title="the body on its way to the client, and what is neither of the two">Sending</th><th scope="col" class="n">Took</th></tr></thead>
<tbody>${slow.map((request) => slowRow(request, route))}</tbody></table></div>`;
}

function slowRow(slow: SlowRequest, route: RouteView): TemplateResult {
  const { at, totalMs, upstreamMs, waitMs, bytes } = slow;
  const sendingMs = Math.max(0, totalMs - waitMs - (upstreamMs ?? 0));
  return html`<tr>
<td title=${at}>${clockText(at)}</td>
<td>${requestWords(slow, route)}</td>
<td data-head="backend">${backendWords(slow)}</td>
<td class="n" data-head="waiting">${msText(waitMs)}</td>
<td class="n" data-head="answering">${msText(upstreamMs)}</td>
<td class="n" data-head="sending" title=${`${countText(bytes)} bytes`}>${msText(sendingMs)}</td>
<td class="n" data-head="took"><strong>${msText(totalMs)}</strong></td>
</tr>`;
}
