import { html, nothing, type TemplateResult } from 'lit-html';
import type { OptionView } from '../admin/option-view.ts';

type Named = readonly [string, OptionView];

/** Effective options and where each came from: first those that somebody set. */
export function optionTables(options: Readonly<Record<string, OptionView>>): TemplateResult {
  const all = Object.entries(options);
  const set = all.filter(([, { source }]) => source !== 'built-in');
  const rest = all.filter(([, { source }]) => source === 'built-in');
  return html`${set.length === 0 ? html`<p class="card empty">Nothing was set: all is built-in.</p>` : optionTable('Options that were set', set)}
${rest.length === 0 ? nothing : html`<details><summary>${rest.length} built-in</summary>${optionTable('Built-in options', rest)}</details>`}`;
}

function optionTable(caption: string, options: readonly Named[]): TemplateResult {
  return html`<div class="card"><table class="rows options">
<caption class="unseen">${caption}</caption>
<thead><tr><th scope="col">Option</th><th scope="col">Value</th><th scope="col">From</th></tr></thead>
<tbody>${options.map(optionRow)}</tbody></table></div>`;
}

function optionRow([name, option]: Named): TemplateResult {
  const { active, note } = option;
  return html`<tr><th scope="row" class="mono">proxy.${name}</th>
<td class="mono">${valueText(option.value)}${active ? nothing : html` <span class="state info">${note ?? 'not active'}</span>`}</td>
<td data-head="from">${sourceText(option)}</td></tr>`;
}

function valueText(value: OptionView['value']): string {
  const text = value !== null && typeof value === 'object' ? value.join(', ') : String(value ?? '');
  return text === '' ? '–' : text;
}

function sourceText({ source, label }: OptionView): TemplateResult | string {
  const named = label === undefined ? nothing : html` <code>${label}</code>`;
  if (source === 'built-in') return 'built-in';
  if (source === 'fleet-default') return html`fleet default${named}`;
  return source === 'label' ? html`label${named}` : html`profile${named}`;
}
