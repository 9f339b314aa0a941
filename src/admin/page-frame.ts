import type { AdminAnswer, AdminContext } from './admin-context.ts';
import { type DockerView, dockerView } from './docker-view.ts';
import { type Html, html, nothing } from './html.ts';
import { pageStyle } from './page-style.ts';
import { productVersion } from './product-version.ts';

/** What every page has around it: how we stand with Docker, and nothing from elsewhere. */
export function pageAnswer(
  { title, body, status = 200 }: { title: string; body: Html; status?: number },
  { view, nonce }: AdminContext,
): AdminAnswer {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<header>
<a class="brand" href="/">Fairlead</a>
${dockerChips(dockerView(view.snapshot().engines))}
<nav><a href="/">Routes</a> <a href="/certs">Certificates</a> <a href="/routes?format=json">JSON</a> <a href="/routes?format=text">Text</a> <a href="/status?format=json">Status</a></nav>
</header>
<main>
${view.dataPlane().warnings.map((warning) => html`<p class="notice">${warning}</p>`)}
${body}
</main>
<footer>Fairlead ${productVersion} · table version ${view.built().table.version}</footer>
</body>
</html>
`;
  return { status, type: 'text/html; charset=utf-8', body: page.text };
}

function dockerChips(docker: DockerView): Html {
  return html`<div class="chips">${(docker.endpoints ?? [docker]).map(chip)}</div>`;
}

function chip({ connected, since, endpoint, engine, error }: DockerView): Html {
  const when =
    since === null ? nothing : html` <span class="quiet">since ${since.slice(0, 16).replace('T', ' ')} UTC</span>`;
  return connected
    ? html`<span class="chip live">${engine || endpoint} connected${when}</span>`
    : html`<span class="chip down">${endpoint || 'Docker'} not connected${when} <span class="quiet">${error}</span></span>`;
}

export interface Asked {
  readonly url: string;
  readonly method: string;
  readonly header: string;
  readonly ip: string;
}

/** The question to `/explain`, with what was asked before. */
export function explainForm({ url, method, header, ip }: Asked): Html {
  const more = html`<label>Method <input name="method" size="8" value="${method}" placeholder="GET"></label>
<label>Header <input name="header" size="24" value="${header}" placeholder="X-Canary: 1"></label>
<label>Client address <input name="ip" size="16" value="${ip}" placeholder="127.0.0.1"></label>`;
  const open = method !== '' || header !== '' || ip !== '' ? html` open` : nothing;
  return html`<form class="explain" action="/explain" method="get">
<input type="hidden" name="format" value="html">
<div class="ask"><label for="url">Which route does a request get, and why?</label>
<div class="line"><input id="url" name="url" required value="${url}" placeholder="http://app.example.com/path" autocapitalize="off" spellcheck="false"><button>Explain</button></div></div>
<details${open}><summary>Method, header, address</summary><div class="more">${more}</div></details>
</form>`;
}
