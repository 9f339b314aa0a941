import { html, nothing, type TemplateResult } from 'lit-html';
import type { UnroutedView } from '../admin/live/live-view.ts';
import { codeText } from './code-text.ts';

/** Containers that have labels and no route, and why. */
export function unroutedList(unrouted: readonly UnroutedView[]): TemplateResult {
  return html`<ul class="card problems">${unrouted.map(unroutedItem)}</ul>`;
}

function unroutedItem({ container, image, state, labels, why, suggestion }: UnroutedView): TemplateResult {
  return html`<li class="problem ${suggestion === '' ? 'info' : 'degraded'}">
<div><strong>${container}</strong> <span class="quiet">${state}, <span class="mono">${image}</span></span></div>
<p>${codeText(why)}</p>${suggestion === '' ? nothing : html`<p class="mend">${codeText(suggestion)}</p>`}
<p class="labels">${labels.map(({ name, value }) => html`<code>${name}=${value}</code> `)}</p>
</li>`;
}
