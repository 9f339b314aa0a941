import { html, nothing, type TemplateResult } from 'lit-html';
import { type FailureKind, failureKind, failureKinds, type Reason } from '../http/failure.ts';
import { failureCauses } from '../http/failure-help.ts';
import { codeText } from './code-text.ts';
import { reasonLink } from './our-links.ts';
import type { Page } from './page.ts';

const kinds: Readonly<Record<string, FailureKind>> = failureKinds;

function isReason(word: string): word is Reason {
  return Object.hasOwn(kinds, word);
}

/** What a reason means: the word in `Proxy-Status`, in the access log, and beside a failed request. */
export class ReasonPage implements Page {
  readonly live = '/live';
  #reason = '';

  constructor(query: URLSearchParams) {
    this.visit(query);
  }

  get title(): string {
    return `${this.#reason || 'Reasons'} · Fairlead`;
  }

  visit(query: URLSearchParams): void {
    this.#reason = query.get('reason') ?? '';
  }

  leave(): void {}

  render(): TemplateResult {
    const reason = this.#reason;
    const isKnown = isReason(reason);
    return html`<h1 tabindex="-1" class=${isKnown ? 'mono' : ''}>${isKnown ? reason : 'Reasons'}</h1>
${isKnown ? paragraph(reason) : unknownReason(reason)}
<h2>All reasons</h2>
<ul class="card reasons">${Object.entries(kinds).map(
      ([reason, { status, title }]) =>
        html`<li><a class="mono" href=${reasonLink(reason)} aria-current=${reason === this.#reason ? 'page' : nothing}>${reason}</a> <span class="quiet">${status} ${title}</span></li>`,
    )}</ul>`;
  }
}

function unknownReason(reason: string): TemplateResult {
  return reason === ''
    ? html`<p>Every answer that the proxy gives by itself says why, in the header <code>Proxy-Status</code>.</p>`
    : html`<p class="notice">There is no reason <code>${reason}</code>.</p>`;
}

function paragraph(reason: Reason): TemplateResult {
  const { status, type, title, advice, retryAfterSeconds } = failureKind(reason);
  return html`<p><strong>${title}.</strong> ${codeText(advice)}</p>
<p class="quiet">The client is answered ${status} with <code>Proxy-Status: fairlead; error=${type}</code>${retryAfterSeconds === undefined ? '' : html` and <code>Retry-After: ${retryAfterSeconds}</code>`}.</p>
<div class="card"><table class="rows">
<caption class="unseen">Causes</caption>
<thead><tr><th scope="col">Likely</th><th scope="col">What to do</th></tr></thead>
<tbody>${failureCauses(reason).map(({ cause, remedy }) => html`<tr><td>${codeText(cause)}</td><td>${codeText(remedy)}</td></tr>`)}</tbody></table></div>`;
}
