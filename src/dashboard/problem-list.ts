import { html, nothing, type TemplateResult } from 'lit-html';
import type { Problem } from '../labels/problem.ts';
import { expectationText } from '../labels/problem-sentence.ts';
import { codeText } from './code-text.ts';

const colours = { error: 'down', warning: 'degraded', info: 'info' } as const;

/** What is not as its owner meant it: the culprit, what would have been right, and the mend. */
export function problemList(problems: readonly Problem[]): TemplateResult {
  return html`<ul class="card problems">${problems.map(problemItem)}</ul>`;
}

function problemItem({ container, label, value, expected, suggestion, severity }: Problem): TemplateResult {
  const culprit = value === '' ? label : `${label}=${value}`;
  return html`<li class="problem ${colours[severity]}">
<div><span class="severity">${severity}</span> ${container}${culprit === '' ? nothing : html` <code>${culprit}</code>`}</div>
<p>${codeText(expectationText(expected))}</p>${suggestion === '' ? nothing : html`<p class="mend">${codeText(suggestion)}</p>`}
</li>`;
}
