import { html, nothing, type TemplateResult } from 'lit-html';
import type { LiveNumbers } from '../admin/live/live-view.ts';
import type { BackendView } from '../admin/route-view.ts';
import { ArmedButtons } from './armed-button.ts';
import { codeText } from './code-text.ts';
import { post } from './post.ts';
import { backendColour, chip } from './state-chip.ts';

/** What `POST …/drain` answers. */
interface Drained {
  readonly container: string;
  readonly inFlight?: number;
}

const drainedByHand = 'drained by an administrator';

/** The containers of a route, and the button that lets no new request go to one. */
export class BackendTable {
  readonly #changed: () => void;
  readonly #buttons: ArmedButtons;
  #busy = new Set<string>();
  #said = '';

  constructor(changed: () => void) {
    this.#changed = changed;
    this.#buttons = new ArmedButtons(changed);
  }

  render(backends: readonly BackendView[], numbers: LiveNumbers | null): TemplateResult {
    if (backends.length === 0) return html`<p class="card empty">It has none.</p>`;
    return html`<div class="card"><table class="rows">
<caption class="unseen">Backends</caption>
<thead><tr><th scope="col">Container</th><th scope="col">State</th><th scope="col" class="n">Weight</th><th scope="col" class="n">In flight</th><th scope="col" class="n">Fails</th><th scope="col"><span class="unseen">Drain</span></th></tr></thead>
<tbody>${backends.map((backend) => this.#row(backend, numbers))}</tbody></table></div>
<p class="said" role="status">${this.#said}</p>`;
  }

  #row(backend: BackendView, numbers: LiveNumbers | null): TemplateResult {
    const { container, address, state, reason, weight } = backend;
    const { inFlight, fails } = numbers?.backends[container] ?? backend;
    return html`<tr>
<th scope="row">${container} <code class="quiet">${address}</code></th>
<td>${chip(state, backendColour(state))}${reason === '' ? nothing : html` <span class="why">${codeText(reason)}</span>`}</td>
<td class="n" data-head="weight">${weight}</td>
<td class="n" data-head="in flight">${inFlight}</td>
<td class="n" data-head="fails">${fails}</td>
<td class="n">${this.#button(backend)}</td>
</tr>`;
  }

  #button({ container, state, reason }: BackendView): TemplateResult | typeof nothing {
    const isDrained = reason === drainedByHand;
    if (state === 'stopped' || (state === 'draining' && !isDrained)) return nothing;
    const verb = isDrained ? 'undrain' : 'drain';
    return this.#buttons.button({
      key: `${verb} ${container}`,
      word: isDrained ? 'Undrain' : 'Drain',
      object: container,
      busy: this.#busy.has(container),
      act: () => void this.#ask(container, verb),
    });
  }

  async #ask(container: string, verb: 'drain' | 'undrain'): Promise<void> {
    this.#busy.add(container);
    this.#changed();
    const posted = await post<Drained>(`/backends/${encodeURIComponent(container)}/${verb}`);
    this.#busy.delete(container);
    this.#said = 'error' in posted ? `Not done: ${posted.error}.` : saidOf(posted.answer, verb);
    this.#changed();
  }
}

function saidOf({ container, inFlight = 0 }: Drained, verb: 'drain' | 'undrain'): string {
  if (verb === 'undrain') return `${container} gets requests again.`;
  return `${container} gets no new requests; ${inFlight === 0 ? 'nothing is' : `${inFlight} are`} under way there.`;
}
