import { html, nothing, type TemplateResult } from 'lit-html';
import type { OverviewView } from '../admin/live/live-view.ts';
import type { Page, Surroundings } from './page.ts';
import { problemList } from './problem-list.ts';
import type { Column, Row } from './route-columns.ts';
import { fits, nextSort, readSort, type Sort, sorted } from './route-order.ts';
import { routeTable } from './route-table.ts';
import { troubleStrip } from './trouble-strip.ts';
import { unroutedList } from './unrouted-list.ts';

/** Rows that are sorted by what changes take new places so often, and never under the pointer. */
const reorderMs = 5_000;
/** Nobody types slower than that within a word. */
const typingMs = 250;

/** All that is live, what is not and why, and every number as it changes. */
export class RoutesPage implements Page {
  readonly title = 'Routes · Fairlead';
  readonly #around: Surroundings;
  #filter = '';
  #sort: Sort | null = null;
  /** The server filters where it has more routes than it shows. */
  #asked: string;
  #typing = 0;
  #isHovered = false;
  #order: { readonly key: string; readonly places: ReadonlyMap<string, number>; readonly madeMs: number } | null = null;

  constructor(around: Surroundings, query: URLSearchParams) {
    this.#around = around;
    this.#read(query);
    this.#asked = this.#filter;
  }

  get live(): string {
    const asked = this.#asked.trim();
    return asked === '' ? '/live' : `/live?q=${encodeURIComponent(asked)}`;
  }

  visit(query: URLSearchParams): void {
    this.#read(query);
    this.#ask();
  }

  leave(): void {
    clearTimeout(this.#typing);
  }

  render(): TemplateResult {
    const { overview } = this.#around.feed;
    return html`<h1 class="unseen" tabindex="-1">Routes</h1>
${overview === null ? html`<p class="quiet" aria-busy="true">Asking the proxy…</p>` : this.#overview(overview)}`;
  }

  #overview(overview: OverviewView): TemplateResult {
    const { problems, problemsTotal, unrouted, unroutedTotal } = overview;
    return html`${troubleStrip(overview)}
${this.#routes(overview)}
${
  problemsTotal === 0
    ? nothing
    : html`<section id="problems" tabindex="-1"><h2>Problems <span class="quiet">${problemsTotal}</span></h2>
${problemList(problems)}${problemsTotal > problems.length ? html`<p class="quiet">and ${problemsTotal - problems.length} more; <code>fairlead check</code> lists them all.</p>` : nothing}</section>`
}
${
  unroutedTotal === 0
    ? nothing
    : html`<section id="unrouted" tabindex="-1"><h2>Labels, but no route <span class="quiet">${unroutedTotal}</span></h2>
${unroutedList(unrouted)}${unroutedTotal > unrouted.length ? html`<p class="quiet">and ${unroutedTotal - unrouted.length} more.</p>` : nothing}</section>`
}`;
  }

  #routes(overview: OverviewView): TemplateResult {
    const { routesTotal } = overview;
    if (routesTotal === 0)
      return html`<h2>Routes</h2><p class="card empty">No routes yet. Give a container the label <code>proxy.host=app.example.com</code>.</p>`;
    const rows = this.#rows(overview);
    return html`<div class="head"><h2>Routes <span class="quiet" role="status">${this.#filter === '' ? routesTotal : `${this.#isAsked ? overview.routesFound : rows.length} of ${routesTotal}`}</span></h2>
<input type="search" class="filter" data-slash aria-label="Filter by host, path, name or container" placeholder="Filter ( / )" autocomplete="off" spellcheck="false"
.value=${this.#filter} @input=${({ target }: InputEvent) => this.#type((target as HTMLInputElement).value)}
@keydown=${({ key }: KeyboardEvent) => key === 'Escape' && this.#type('')}></div>
${
  rows.length === 0
    ? html`<p class="card empty">No route has this in its host, path, name or containers.</p>`
    : routeTable({
        rows,
        sort: this.#sort,
        ratesOf: (route) => this.#around.feed.ratesOf(route),
        onSort: (column) => this.#sortBy(column),
        onHover: (isOver) => {
          this.#isHovered = isOver;
        },
      })
}${this.#note(overview)}`;
  }

  #note({ routes, routesFound }: OverviewView): TemplateResult | typeof nothing {
    if (routes.length >= routesFound) return nothing;
    return html`<p class="quiet">${routes.length} of ${routesFound} are shown: those that are not live, and the first of the others. The filter finds the rest.</p>`;
  }

  /** What is to be seen is what the server has chosen. */
  get #isAsked(): boolean {
    return this.#filter.trim() === this.#asked.trim();
  }

  #rows({ routes }: OverviewView): readonly Row[] {
    const { feed } = this.#around;
    const rows = routes
      .filter((route) => this.#isAsked || fits(route, this.#filter))
      .map((route) => ({ route, numbers: feed.numbersOf(route.id) }));
    if (this.#sort?.column.moves !== true) return sorted(rows, this.#sort);
    return this.#calmly(rows, this.#sort);
  }

  /** Sorted by what changes every second: the places of a moment ago, until they are old or rows have come or gone. */
  #calmly(rows: readonly Row[], sort: Sort): readonly Row[] {
    const key = [sort.column.key, sort.order, ...rows.map(({ route }) => route.id)].join('\n');
    const now = Date.now();
    const isOld = this.#order === null || (now - this.#order.madeMs > reorderMs && !this.#isHovered);
    if (this.#order === null || this.#order.key !== key || isOld) {
      const places = new Map(sorted(rows, sort).map(({ route }, at) => [route.id, at]));
      this.#order = { key, places, madeMs: now };
    }
    const { places } = this.#order;
    return rows.toSorted((a, b) => (places.get(a.route.id) ?? 0) - (places.get(b.route.id) ?? 0));
  }

  #read(query: URLSearchParams): void {
    this.#filter = query.get('q') ?? '';
    this.#sort = readSort(query.get('sort'));
  }

  #type(text: string): void {
    this.#filter = text;
    this.#order = null;
    this.#around.changed();
    clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.#write({ q: text }), typingMs);
  }

  #sortBy(column: Column): void {
    this.#order = null;
    this.#write({ sort: nextSort(column, this.#sort) ?? '' });
  }

  /** Into the address, so that it can be shared and survives a reload. */
  #write(change: Readonly<Record<string, string>>): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(change)) value === '' ? query.delete(name) : query.set(name, value);
    this.#around.go(`/${query.size === 0 ? '' : `?${query}`}`, 'replace');
  }

  #ask(): void {
    const { overview } = this.#around.feed;
    const hasAll = overview !== null && this.#asked === '' && overview.routes.length >= overview.routesTotal;
    this.#asked = hasAll ? '' : this.#filter;
  }
}
