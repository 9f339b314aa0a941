import type { AdminAnswer, AdminContext } from '../admin-context.ts';
import { Html, html, nothing } from '../html.ts';
import { pageAssets } from './assets.ts';

/**
 * Before the first paint, so that nothing flashes in the wrong colours. And where a file does not come, the page is loaded again,
 * some times: browsers give up what they are loading when a network comes or goes (`ERR_NETWORK_CHANGED`), and on a
 * machine with Docker each container is one.
 */
const early = new Html(`
try{const theme=localStorage.getItem('theme');if(theme)document.documentElement.dataset.theme=theme}catch{}
const loadAgain=()=>{try{
const tries=Number(sessionStorage.getItem('tries'));
if(tries<5){sessionStorage.setItem('tries',tries+1);setTimeout(()=>location.reload(),300*(tries+1))}
}catch{}};
addEventListener('error',({target})=>{if(target instanceof HTMLScriptElement||target?.rel==='stylesheet')loadAgain()},true);
addEventListener('notloaded',loadAgain);
`);
// Only this file's own words; `<` is what could end the element.
const importMap = new Html(JSON.stringify({ imports: pageAssets.imports }).replaceAll('<', '\\u003c'));

/** The page, whichever of its addresses is asked for: what it shows it asks for itself. */
export function shellAnswer({ nonce, signedIn }: Pick<AdminContext, 'nonce' | 'signedIn'>): AdminAnswer {
  const body = html`
<div id="app"${signedIn ? html` data-signed-in` : nothing}></div>
<noscript><main class="plain"><h1>Fairlead</h1>
<p>This page needs JavaScript. Without it there are <code>fairlead routes</code>, <code>fairlead explain URL</code> and <code>fairlead certs</code> on the
command line, and here <a href="/routes?format=text">the routes as text</a> and <a href="/certs?format=text">the certificates as text</a>.</p>
${signedIn ? html`<form method="post" action="/logout"><button>Log out</button></form>` : nothing}</main></noscript>`;
  const scripts = html`<script nonce="${nonce}">${early}</script>
<script type="importmap" nonce="${nonce}">${importMap}</script>
${pageAssets.preload.map((path) => html`<link rel="modulepreload" href="${path}">\n`)}<script type="module" src="${pageAssets.main}"></script>`;
  return frameAnswer({ title: 'Fairlead', styles: pageAssets.styles, scripts, body });
}

/** A document of ours, with nothing from elsewhere. */
export function frameAnswer(about: {
  readonly title: string;
  readonly styles: readonly string[];
  readonly scripts: Html;
  readonly body: Html;
  readonly status?: number;
}): AdminAnswer {
  const { title, styles, scripts, body, status = 200 } = about;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
${styles.map((path) => html`<link rel="stylesheet" href="${path}">\n`)}${scripts}
</head>
<body>${body}
</body>
</html>
`;
  return { status, type: 'text/html; charset=utf-8', body: page.text };
}

/**
 * What a document of ours may load and do (CSP 3): its own files, the import map by its nonce, and markup only through
 * lit-html, which never takes it from data.
 */
export function contentPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    ...["style-src 'self'", "connect-src 'self'", 'img-src data:', "form-action 'self'", "base-uri 'none'"],
    ...["frame-ancestors 'none'", "require-trusted-types-for 'script'", 'trusted-types lit-html'],
  ].join('; ');
}
