import { html, type TemplateResult } from 'lit-html';

/** A first press is forgotten after so long. */
const armedMs = 5_000;

/** Buttons with an effect: the first press asks, the second acts, leaving or Escape takes it back. */
export class ArmedButtons {
  #armed: string | null = null;
  #timer = 0;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** @param about `word` is what it does; `object` to what, for those who hear the page. */
  button(about: { key: string; word: string; object: string; busy?: boolean; act: () => void }): TemplateResult {
    const { key, word, object, busy = false, act } = about;
    const isArmed = this.#armed === key;
    const press = () => {
      this.#arm(isArmed ? null : key);
      if (isArmed) act();
    };
    const leave = () => {
      if (this.#armed === key) this.#arm(null);
    };
    const onKey = ({ key: pressed }: KeyboardEvent) => {
      if (pressed === 'Escape') leave();
    };
    return html`<button type="button" class="small ${isArmed ? 'armed' : ''}" ?disabled=${busy} aria-label="${isArmed ? `${word}: press again to confirm it for ${object}` : `${word} ${object}`}"
@click=${press} @blur=${leave} @keydown=${onKey}>${busy ? 'Working…' : isArmed ? `${word}: press again` : word}</button>`;
  }

  #arm(key: string | null): void {
    this.#armed = key;
    clearTimeout(this.#timer);
    if (key !== null) this.#timer = window.setTimeout(() => this.#arm(null), armedMs);
    this.#changed();
  }
}
