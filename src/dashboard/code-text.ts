import { html, type TemplateResult } from 'lit-html';

/** What stands between backticks as code. */
export function codeText(text: string): TemplateResult | string {
  const parts = text.split('`');
  // An odd one out is no pair.
  if (parts.length === 1 || parts.length % 2 === 0) return text;
  return html`${parts.map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
