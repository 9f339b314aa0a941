import { html, nothing, type TemplateResult } from 'lit-html';
import { lingeringText } from '../admin/lingering-text.ts';
import type { OverviewView, RouteSummary } from '../admin/live/live-view.ts';
import type { CertificateView } from '../tls/certificate-view.ts';
import { codeText } from './code-text.ts';
import { routeLink } from './our-links.ts';
import { chip } from './state-chip.ts';

/** What a person reads at a glance; the rest is in the table. */
const shownMax = 6;
const urgency = { closed: 0, down: 1, degraded: 2, live: 3 } as const;

/** First of all: what is not live, and why. */
export function troubleStrip(overview: OverviewView): TemplateResult {
  const troubled = overview.routes
    .filter(({ state, lingers }) => state !== 'live' && !lingers)
    .toSorted((a, b) => urgency[a.state] - urgency[b.state]);
  // They go by themselves, and must not hide what needs somebody.
  const lingering = overview.routes.filter(({ lingers }) => lingers).length;
  const certificates = overview.certificates.filter(isTroubled);
  const { problemsTotal, unroutedTotal, routesTotal, routesFound } = overview;
  const links = [
    problemsTotal === 0 ? null : html`<a href="#problems">${counted(problemsTotal, 'problem')} with labels</a>`,
    unroutedTotal === 0 ? null : html`<a href="#unrouted">${counted(unroutedTotal, 'container')} without a route</a>`,
    certificates.length === 0
      ? null
      : html`<a href="/certs">${counted(certificates.length, 'certificate')} in trouble</a>`,
  ].filter((link) => link !== null);
  const unlive = troubled.length + lingering;
  if (unlive === 0 && links.length === 0)
    return routesTotal === 0
      ? html``
      : html`<p class="calm">${chip('live', 'live')} ${routesTotal === 1 ? 'The one route is' : `All ${routesFound} routes are`} live.</p>`;
  const left = troubled.length - shownMax;
  return html`<section class="trouble" aria-labelledby="trouble-title">
<h2 id="trouble-title">${unlive === 0 ? 'All live, but' : 'Not live, and why'}</h2>
${unlive === 0 ? nothing : html`<ul>${troubled.slice(0, shownMax).map(troubledItem)}${left > 0 ? html`<li><a href="/?sort=state">and ${left} more</a></li>` : nothing}${lingering > 0 ? html`<li>${chip('removed', 'info')} <a href="/?sort=state" class="quiet">${lingeringText(lingering, overview.linger)}</a></li>` : nothing}</ul>`}
${links.length === 0 ? nothing : html`<p class="links">${links}</p>`}
</section>`;
}

function troubledItem({ id, host, path, state, why, problems }: RouteSummary): TemplateResult {
  return html`<li>${chip(state, state)} <a class="mono" href=${routeLink(id)}>${host}${path === '/' ? '' : path}</a> <span class="why">${codeText(why)}</span>${problems === 0 ? nothing : html` (<a href=${routeLink(id)}>${counted(problems, 'problem')} with its labels</a>)`}</li>`;
}

export function isTroubled({ state }: CertificateView): boolean {
  return state !== 'valid' && state !== 'unused' && state !== 'ordering';
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
