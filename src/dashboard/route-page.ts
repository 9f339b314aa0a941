import { html, nothing, type TemplateResult } from 'lit-html';
import type { LiveNumbers, RouteDetailView, RouteHistory } from '../admin/live/live-view.ts';
import type { RouteView } from '../admin/route-view.ts';
import { msText } from '../base/ms-text.ts';
import { BackendTable } from './backend-table.ts';
import { certificateCard } from './certificate-card.ts';
import { type Line, latencyLines, linesText, statusLines } from './chart-lines.ts';
import { codeText } from './code-text.ts';
import { explainLink } from './explain-question.ts';
import { failureTable } from './failure-table.ts';
import { countText, rateText, shareText } from './format.ts';
import { optionTables } from './option-table.ts';
import type { Page, Surroundings } from './page.ts';
import { problemList } from './problem-list.ts';
import { exampleUrl } from './route-url.ts';
import { slowTable } from './slow-table.ts';
import { chip } from './state-chip.ts';

/** One route: how it stands, what it does, and what went wrong there. */
export class RoutePage implements Page {
  readonly #around: Surroundings;
  readonly #backends: BackendTable;
  #id = '';

  constructor(around: Surroundings, query: URLSearchParams) {
    this.#around = around;
    this.#backends = new BackendTable(() => around.changed());
    this.visit(query);
  }

  get title(): string {
    return `${this.#id} · Fairlead`;
  }

  get live(): string {
    return `/live?route=${encodeURIComponent(this.#id)}`;
  }

  visit(query: URLSearchParams): void {
    this.#id = query.get('route') ?? '';
  }

  leave(): void {}

  render(): TemplateResult {
    const { detail } = this.#around.feed;
    const route = detail?.route ?? null;
    const url = route === null ? null : exampleUrl(route);
    return html`<div class="head"><h1 tabindex="-1" class="mono">${route === null ? this.#id : routeName(route)}</h1>
${url === null ? nothing : html`<a class="button" href=${explainLink({ url })}>Explain a request to it</a>`}</div>
${
  detail === null
    ? html`<p class="quiet" aria-busy="true">Asking the proxy…</p>`
    : route === null
      ? html`<p class="card empty">There is no such route, or no more. <a href="/">All routes</a></p>`
      : this.#route(detail, route)
}`;
  }

  #route(detail: RouteDetailView, route: RouteView): TemplateResult {
    const { state, why, pool, problems, redirect } = route;
    // The event of the route is rare; its numbers come every second.
    const numbers = this.#around.feed.numbersOf(route.id) ?? detail.numbers;
    return html`<p class="why">${chip(state, state)} ${why === '' ? 'Every backend takes requests.' : codeText(why)}</p>
${numbers === null ? nothing : numberList(numbers, route)}
${problems.length === 0 ? nothing : html`<section><h2>Problems <span class="quiet">${problems.length}</span></h2>${problemList(problems)}</section>`}
<section><h2>Backends <span class="quiet">${redirect === null ? pool.policy : `redirects with ${redirect.status} to ${redirect.location}`}</span></h2>
${this.#backends.render(pool.backends, numbers)}</section>
${chartSection(detail.history)}
<section><h2>Failed requests <span class="quiet">the newest first</span></h2>${failureTable(detail.failures, route)}</section>
<section><h2>Slow requests <span class="quiet">a second or more, the newest first</span></h2>${slowTable(detail.slow, route)}</section>
${detail.certificate === null ? nothing : html`<section><h2>Certificate</h2><div class="card">${certificateCard(detail.certificate, Date.parse(detail.at))}</div></section>`}
<section><h2>Options</h2>${optionTables(route.options)}</section>`;
  }
}

function routeName({ host, path, match }: RouteView): TemplateResult {
  return html`${host}${path === '/' ? '' : ` ${path}`}${match.map((word) => html` <code>${word}</code>`)}`;
}

function numberList(numbers: LiveNumbers, { stats }: RouteView): TemplateResult {
  const { perSecond, p50, p95, p99, requests, s2xx, s3xx, s4xx, s5xx, cacheHitRatio, sockets, waiting } = numbers;
  const items: readonly (readonly [string, string])[] = [
    ['requests/s', rateText(perSecond)],
    ['p50', msText(p50)],
    ['p95', msText(p95)],
    ['p99', msText(p99)],
    ['requests', countText(requests)],
    ['2xx', countText(s2xx)],
    ['3xx', countText(s3xx)],
    ['4xx', countText(s4xx)],
    ['5xx', countText(s5xx)],
    ...(stats.cache === null ? [] : [['from the cache', shareText(cacheHitRatio)] as const]),
    ['open sockets', countText(sockets)],
    ['waiting', countText(waiting)],
  ];
  return html`<dl class="numbers card">${items.map(([name, text]) => html`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

function chartSection(history: RouteHistory): TemplateResult {
  // Charts are drawn only here, so only here is loaded what draws them.
  import('./time-chart.ts').catch(() => dispatchEvent(new Event('notloaded')));
  return html`<section class="charts" aria-label="The last 15 minutes">
${chart('Requests per second, by status', history, statusLines(history))}
${chart('Time to answer', history, latencyLines(history))}</section>`;
}

function chart(title: string, { at: times }: RouteHistory, lines: readonly Line[]): TemplateResult {
  return html`<figure class="card"><figcaption>${title}</figcaption>
${
  times.length < 2
    ? html`<p class="empty">Drawn once there are some seconds to draw.</p>`
    : html`<time-chart role="img" aria-label="${title}, now: ${linesText(lines)}" .data=${{ times, lines }}></time-chart>`
}</figure>`;
}
