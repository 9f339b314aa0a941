import type { Problem } from '../labels/problem.ts';
import { expectationText } from '../labels/problem-sentence.ts';
import type { AdminAnswer, AdminContext, AdminRequest } from './admin-context.ts';
import { type Html, html, nothing } from './html.ts';
import { explainForm, pageAnswer } from './page-frame.ts';
import { type BackendView, type RouteView, routeView } from './route-view.ts';
import { stateOf } from './routes.ts';
import { tlsColours, tlsWords } from './tls-words.ts';

/** More than a person reads; `?filter=` finds the others. */
const routesMax = 500;
const backendsMax = 20;
const problemsMax = 200;

/** `GET /`, and `/routes` for a browser: routes, backends, and what is wrong with the mend. */
export async function pageEndpoint({ query }: AdminRequest, context: AdminContext): Promise<AdminAnswer> {
  const state = await stateOf(context);
  const { built } = state;
  const filter = (query.get('filter') ?? '').toLowerCase();
  const found = built.table.routes.filter(({ id }) => id.toLowerCase().includes(filter));
  const views = found.slice(0, routesMax).flatMap(({ id }) => {
    const detail = built.details.get(id);
    return detail === undefined ? [] : [routeView(detail, state, 'none')];
  });
  const body = html`${explainForm({ url: '', method: '', header: '', ip: '' })}
<h2>Routes <span class="quiet">${found.length}${filter === '' ? nothing : html` of ${built.table.routes.length} with “${filter}”`}</span></h2>
<div class="card">${views.length === 0 ? noRoutes(filter) : routeTable(views)}</div>
${found.length > views.length ? html`<p class="quiet">The first ${views.length} are shown; <code>?filter=part-of-the-host</code> finds the others.</p>` : nothing}
${problemSection(built.problems)}`;
  return pageAnswer({ title: 'Fairlead', body }, context);
}

function noRoutes(filter: string): Html {
  return filter === ''
    ? html`<p class="empty">No routes yet. Give a container the label <code>proxy.host=app.example.com</code>.</p>`
    : html`<p class="empty">No route has this in its name.</p>`;
}

function routeTable(views: readonly RouteView[]): Html {
  return html`<table>
<thead><tr><th>Route</th><th>State</th><th>Backends</th><th>HTTPS</th><th class="n">Requests</th><th class="n">per second</th><th class="n">p50</th><th class="n">5xx</th></tr></thead>
<tbody>${views.map(routeRow)}</tbody></table>`;
}

function routeRow({ host, path, match, state, why, redirect, tls, pool, stats }: RouteView): Html {
  const place = html`<span class="mono"><strong>${host}</strong>${path === '/' ? '' : ` ${path}`}</span>${match.map((word) => html` <code class="quiet">${word}</code>`)}`;
  // The backends say it themselves, but for what concerns the whole route.
  const isSaid = redirect !== null || (state !== 'closed' && pool.backends.some(({ reason }) => reason !== ''));
  const reason = why === '' || isSaid ? nothing : html`<div class="why">${why}</div>`;
  return html`<tr>
<td class="route">${place}${reason}</td>
<td><span class="state ${state}">${state}</span></td>
<td>${redirect === null ? backendList(pool.backends) : html`<span class="mono">${redirect.status} → ${redirect.location}</span>`}</td>
<td>${tlsCell(tls)}</td>
<td class="n" data-head="requests">${stats.requests}</td>
<td class="n" data-head="per second">${stats.perSecond}</td>
<td class="n" data-head="p50">${stats.p50 === null ? '–' : `${stats.p50} ms`}</td>
<td class="n" data-head="5xx">${stats.s5xx}</td>
</tr>
`;
}

function tlsCell(tls: RouteView['tls']): Html {
  const error = tls.error === null ? nothing : html`<div class="why">${tls.error}</div>`;
  return html`<span class="dot ${tlsColours[tls.state]}"></span>${tlsWords(tls)}${error}`;
}

function backendList(backends: readonly BackendView[]): Html {
  const left = backends.length - backendsMax;
  return html`<ul class="backends">${backends.slice(0, backendsMax).map(backendItem)}${left > 0 ? html`<li class="quiet">and ${left} more</li>` : nothing}</ul>`;
}

const colours: Readonly<Partial<Record<BackendView['state'], string>>> = {
  healthy: 'live',
  starting: 'degraded',
  draining: 'degraded',
  paused: 'degraded',
  asleep: 'degraded',
};

function backendItem({ container, address, state, reason }: BackendView): Html {
  const said =
    state === 'healthy' ? nothing : html` <span class="quiet">${state}${reason === '' ? '' : `: ${reason}`}</span>`;
  return html`<li><span class="dot ${colours[state] ?? 'down'}"></span>${container} <code class="quiet">${address}</code>${said}</li>`;
}

function problemSection(problems: readonly Problem[]): Html {
  if (problems.length === 0) return nothing;
  const left = problems.length - problemsMax;
  return html`<h2>Problems <span class="quiet">${problems.length}</span></h2>
<div class="card">${problems.slice(0, problemsMax).map(problemItem)}</div>
${left > 0 ? html`<p class="quiet">and ${left} more; <code>fairlead check</code> lists them all.</p>` : nothing}`;
}

const severities = { error: 'down', warning: 'degraded', info: 'info' } as const;

function problemItem({ container, label, value, expected, suggestion, severity }: Problem): Html {
  const culprit = value === '' ? label : `${label}=${value}`;
  return html`<div class="problem ${severities[severity]}">
<div>${container}${culprit === '' ? nothing : html` <code>${culprit}</code>`}</div>
<p>${withCode(expectationText(expected))}</p>${suggestion === '' ? nothing : html`<p class="mend">${withCode(suggestion)}</p>`}
</div>
`;
}

/** What stands between backticks as code. */
function withCode(text: string): Html {
  const parts = text.split('`');
  // An odd one out is no pair.
  if (parts.length % 2 === 0) return html`${text}`;
  return html`${parts.map((part, at) => (at % 2 === 0 ? html`${part}` : html`<code>${part}</code>`))}`;
}
