import { html, nothing, type TemplateResult } from 'lit-html';
import type { ExplainView } from '../admin/explain-view.ts';
import { explainAnswer } from './explain-answer.ts';
import { type Asked, explainLink, explainQuery, isSecretLine, readAsked } from './explain-question.ts';
import type { Page, Surroundings } from './page.ts';

type Found = { readonly view: ExplainView; readonly asked: Asked } | { readonly mistake: string };

/** A question to `/explain`, and its answer. */
export class ExplainPage implements Page {
  readonly title = 'Explain · Fairlead';
  readonly live = '/live';
  readonly #around: Surroundings;
  #asked: Asked = { url: '' };
  #found: Found | null = null;
  #isAsking = false;
  /** Headers that stand in no address; gone once another page is shown. */
  #secrets: readonly string[] = [];

  constructor(around: Surroundings, query: URLSearchParams) {
    this.#around = around;
    this.visit(query);
  }

  visit(query: URLSearchParams): void {
    const asked = readAsked(query);
    this.#asked = { ...asked, headers: [...(asked.headers ?? []), ...this.#secrets] };
    if (this.#asked.url === '') this.#found = null;
    else void this.#ask(this.#asked);
    this.#around.changed();
  }

  leave(): void {
    this.#asked = { url: '' };
  }

  render(): TemplateResult {
    const found = this.#found;
    return html`<h1 tabindex="-1">Explain a request</h1>
${this.#form()}
<div aria-live="polite" aria-busy=${this.#isAsking}>${found === null ? nothing : 'view' in found ? explainAnswer(found.view, found.asked) : html`<p class="notice">${found.mistake}</p>`}</div>`;
  }

  #form(): TemplateResult {
    const { url, method = '', headers = [], ip = '' } = this.#asked;
    const hosts = this.#around.feed.overview?.routes ?? [];
    const isOpen = method !== '' || headers.length > 0 || ip !== '';
    return html`<form class="card explain" action="/explain" method="get" @submit=${this.#submit}>
<label for="url">Which route does a request get, and what happens to it?</label>
<div class="line"><input id="url" name="url" data-slash required list="hosts" .value=${url} placeholder="https://app.example.com/path" autocapitalize="off" autocomplete="off" spellcheck="false"><button>Explain</button></div>
<datalist id="hosts">${hosts.slice(0, 50).map(({ host, tls }) => html`<option value=${`${tls.state === 'off' ? 'http' : 'https'}://${host}/`}></option>`)}</datalist>
<details ?open=${isOpen}><summary>Method, headers, client address</summary><div class="more">
<label>Method <input name="method" size="8" .value=${method} placeholder="GET" list="methods" autocomplete="off"></label>
<datalist id="methods">${['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((word) => html`<option value=${word}></option>`)}</datalist>
<label>Client address <input name="ip" size="16" .value=${ip} placeholder="127.0.0.1" autocomplete="off"></label>
<label class="wide">Headers, one a line <textarea name="header" rows="3" .value=${headers.join('\n')} placeholder="X-Canary: 1" spellcheck="false"></textarea></label>
</div></details>
</form>`;
  }

  readonly #submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const said = (name: string) => String(form.get(name) ?? '').trim();
    const headers = said('header').split('\n');
    this.#secrets = headers.filter(isSecretLine).map((line) => line.trim());
    this.#around.go(explainLink({ url: said('url'), method: said('method').toUpperCase(), headers, ip: said('ip') }));
  };

  async #ask(asked: Asked): Promise<void> {
    this.#isAsking = true;
    const found = await answerOf(asked);
    // Another question may have been asked meanwhile.
    if (this.#asked !== asked) return;
    this.#found = found;
    this.#isAsking = false;
    this.#around.changed();
  }
}

/** @param tries a browser gives up what it is loading when a network of the machine comes or goes. */
async function answerOf(asked: Asked, tries = 2): Promise<Found> {
  try {
    const response = await fetch(`/explain?${explainQuery(asked)}`, { headers: { accept: 'application/json' } });
    const answer = (await response.json()) as ExplainView | { readonly error: string };
    return 'error' in answer ? { mistake: answer.error } : { view: answer, asked };
  } catch {
    if (tries > 1) return answerOf(asked, tries - 1);
    return { mistake: 'the proxy did not answer' };
  }
}
