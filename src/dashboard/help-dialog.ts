import { html, type TemplateResult } from 'lit-html';
import { shortcuts } from './shortcuts.ts';

/** What keys do. */
export class HelpDialog {
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  open(): void {
    const dialog = document.querySelector<HTMLDialogElement>('dialog.help');
    if (dialog?.open === false) dialog.showModal();
  }

  render(): TemplateResult {
    return html`<dialog class="help" aria-labelledby="help-title" @close=${this.#changed}>
<h2 id="help-title">Keys</h2>
<dl>${shortcuts.map(({ key, does }) => html`<dt><kbd>${key}</kbd></dt><dd>${does}</dd>`)}</dl>
<form method="dialog"><button>Close</button></form>
</dialog>`;
  }
}
