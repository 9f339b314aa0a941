import { html, nothing, type TemplateResult } from 'lit-html';
import { guard } from 'lit-html/directives/guard.js';
import { repeat } from 'lit-html/directives/repeat.js';
import type { RouteSummary } from '../admin/live/live-view.ts';
import type { BackendView } from '../admin/route-view.ts';
import { tlsColours, tlsWords } from '../admin/tls-words.ts';
import { msText } from '../base/ms-text.ts';
import { codeText } from './code-text.ts';
import { countText, rateText, shareText } from './format.ts';
import { routeLink } from './our-links.ts';
import { type Column, columns, type Row } from './route-columns.ts';
import type { Sort } from './route-order.ts';
import { sparkline } from './sparkline.ts';
import { backendColour, chip, dot } from './state-chip.ts';

/** More are on the page of the route. */
const backendsMax = 4;

/** All routes with their numbers. */
export function routeTable(about: {
  rows: readonly Row[];
  sort: Sort | null;
  ratesOf: (route: string) => readonly number[];
  onSort: (column: Column) => void;
  onHover: (isOver: boolean) => void;
}): TemplateResult {
  const { rows, sort, ratesOf, onSort, onHover } = about;
  return html`<div class="card"><table class="routes" @pointerenter=${() => onHover(true)} @pointerleave=${() => onHover(false)}>
<caption class="unseen">Routes. A press on the head of a column sorts by it.</caption>
<thead><tr>${columns.map((column) => headCell(column, sort, onSort))}</tr></thead>
<tbody>${repeat(
    rows,
    ({ route }) => route.id,
    (row) => {
      const rates = ratesOf(row.route.id);
      // Only what has changed is drawn again, however many there are.
      return guard([row.route, row.numbers, rates], () => routeRow(row, rates));
    },
  )}</tbody></table></div>`;
}

function headCell(column: Column, sort: Sort | null, onSort: (column: Column) => void): TemplateResult {
  const { title, long, kind } = column;
  const order = sort?.column === column ? sort.order : null;
  const state = order === null ? nothing : order === 'up' ? 'ascending' : 'descending';
  const mark = order === null ? '' : order === 'up' ? ' ↑' : ' ↓';
  return html`<th scope="col" class=${kind} aria-sort=${state}><button type="button" class="plain" title=${long || nothing} @click=${() => onSort(column)}>${title}${mark}</button></th>`;
}

function routeRow({ route, numbers }: Row, rates: readonly number[]): TemplateResult {
  const { id, host, path, match, state, problems, hasCache } = route;
  return html`<tr>
<th scope="row" class="c-route"><a href=${routeLink(id)}><strong>${host}</strong>${path === '/' ? '' : ` ${path}`}</a>${match.map((word) => html` <code>${word}</code>`)}
${problems === 0 ? nothing : html`<span class="quiet">${problems} ${problems === 1 ? 'problem' : 'problems'}</span>`}</th>
<td class="c-state">${chip(state, state)}</td>
<td class="c-backends">${backendCell(route)}</td>
<td class="c-tls">${certificateCell(route.tls)}</td>
<td class="rate ${numbers === null || numbers.perSecond === 0 ? 'zero' : ''}" data-head="req/s">${rates.length === 0 ? nothing : sparkline(rates)}<span>${numbers === null ? '' : rateText(numbers.perSecond)}</span></td>
${(['p50', 'p95', 'p99'] as const).map((key) => numberCell(key, numbers === null ? '' : msText(numbers[key])))}
${(['2xx', '3xx', '4xx', '5xx'] as const).map((key) => numberCell(key, countText(numbers?.[`s${key}`] ?? 0)))}
${numberCell('cache', hasCache ? shareText(numbers?.cacheHitRatio ?? null) : '')}
${numberCell('sockets', String(numbers?.sockets ?? 0))}
</tr>`;
}

function numberCell(head: string, text: string): TemplateResult {
  const weight = text === '0' || text === '–' || text === '' ? 'zero' : head === '5xx' ? 'bad' : '';
  return html`<td class="n ${weight}" data-head=${head}>${text}</td>`;
}

function certificateCell(tls: RouteSummary['tls']): TemplateResult {
  return html`${dot(tlsColours[tls.state])}${tlsWords(tls)}`;
}

function backendCell({ redirect, backends, backendsTotal }: RouteSummary): TemplateResult {
  if (redirect !== null) return html`<span class="mono">${redirect.status} → ${redirect.location}</span>`;
  // Those with trouble first.
  const shown = backends.toSorted((a, b) => Number(a.state === 'healthy') - Number(b.state === 'healthy'));
  const left = backendsTotal - Math.min(backendsMax, shown.length);
  if (backendsTotal === 0) return html`<span class="quiet">none</span>`;
  return html`<ul>${shown.slice(0, backendsMax).map(backendItem)}${left > 0 ? html`<li class="quiet">and ${left} more</li>` : nothing}</ul>`;
}

function backendItem({ container, state, reason }: BackendView): TemplateResult {
  // Of one that is well its mark says so, and to those who do not see it the word.
  const said = state === 'healthy' ? 'unseen' : 'quiet';
  return html`<li>${dot(backendColour(state))}${container} <span class=${said}>${state}${reason === '' ? '' : codeText(`: ${reason}`)}</span></li>`;
}
