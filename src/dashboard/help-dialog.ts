import { html, type TemplateResult } from 'lit-html';
import { shortcuts } from './shortcuts.ts';

/** What keys do. */
export function helpDialog(): TemplateResult {
  return html`<dialog class="help" aria-labelledby="help-title">
<h2 id="help-title">Keys</h2>
<dl>${shortcuts.map(({ key, does }) => html`<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`)}</dl>
<form method="dialog"><button>Close</button></form>
</dialog>`;
}

export function openHelp(): void {
  const dialog = document.querySelector<HTMLDialogElement>('dialog.help');
  if (dialog?.open === false) dialog.showModal();
}
