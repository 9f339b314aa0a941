import { html, nothing, type TemplateResult } from 'lit-html';
import type { DockerView } from '../admin/docker-view.ts';
import { timeText } from '../admin/tls-words.ts';
import { countText, rateText } from './format.ts';
import { openHelp } from './help-dialog.ts';
import type { LiveFeed } from './live-feed.ts';
import { changeTheme, currentTheme } from './theme.ts';

const pages = [
  ['/', 'Routes'],
  ['/certs', 'Certificates'],
  ['/explain', 'Explain'],
] as const;

/** How we stand with Docker and with the proxy itself, and the way to the other pages. */
export function header(about: { feed: LiveFeed; path: string; signedIn: boolean }): TemplateResult {
  const { feed, path, signedIn } = about;
  const { standing } = feed;
  return html`<header>
<div class="bar">
<a class="brand" href="/">Fairlead</a>
<nav aria-label="Pages">${pages.map(([to, name]) => html`<a href=${to} aria-current=${isHere(to, path) ? 'page' : nothing}>${name}</a>`)}</nav>
<div class="tools">
<button type="button" class="plain" @click=${changeTheme} title="Colours (t)">${`Colours: ${currentTheme()}`}</button>
<button type="button" class="plain" @click=${openHelp} title="Keys (?)">Keys</button>
${signedIn ? html`<form method="post" action="/logout"><button class="plain">Log out</button></form>` : nothing}
</div>
</div>
<div class="standing">
<span role="status" aria-live="polite">${connectionChip(feed)}</span>
${standing === null ? nothing : (standing.docker.endpoints ?? [standing.docker]).map(dockerChip)}
${totals(feed)}
</div>
${standing?.warnings.map((warning) => html`<p class="notice">${warning}</p>`) ?? nothing}
</header>`;
}

export function footer({ overview }: LiveFeed): TemplateResult {
  const version = overview === null ? '' : `Fairlead ${overview.product} · table version ${overview.version} · `;
  return html`<footer>${version}<a href="/routes?format=json">JSON</a> · <a href="/routes?format=text">Text</a> · <a href="/status?format=json">Status</a> · <a href="/metrics">Metrics</a></footer>`;
}

function isHere(to: string, path: string): boolean {
  return to === path || (to === '/' && path === '/routes');
}

function connectionChip({ connection, overview, detail }: LiveFeed): TemplateResult {
  switch (connection) {
    case 'open':
      return html`<span class="chip live">Live</span>`;
    case 'connecting':
      return html`<span class="chip info">Connecting…</span>`;
    case 'lost': {
      const at = detail?.at ?? overview?.at;
      const since = at === undefined ? '' : ` What is shown is of ${at.slice(11, 19)} UTC.`;
      return html`<span class="chip down">Connection lost, trying again.${since}</span>`;
    }
    default:
      return connection satisfies never;
  }
}

function dockerChip({ connected, since, endpoint, engine, error }: DockerView): TemplateResult {
  const when = since === null ? '' : `since ${timeText(since)}`;
  return connected
    ? html`<span class="chip live" title=${when}>${engine || endpoint} connected</span>`
    : html`<span class="chip down">${endpoint || 'Docker'} not connected ${when}${error === '' ? '' : `: ${error}`}</span>`;
}

function totals({ numbers, openSockets }: LiveFeed): TemplateResult | typeof nothing {
  if (numbers === null) return nothing;
  const { active, waiting, requests } = numbers.connections;
  return html`<dl class="totals">
<div><dt>requests/s</dt><dd>${rateText(numbers.perSecond)}</dd></div>
<div><dt>connections</dt><dd>${countText(active)}<span class="quiet"> (${countText(waiting)} idle)</span></dd></div>
${openSockets === null ? nothing : html`<div><dt>open sockets</dt><dd>${countText(openSockets)}</dd></div>`}
<div><dt>requests</dt><dd>${countText(requests)}</dd></div>
</dl>`;
}
