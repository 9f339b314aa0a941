import { html, nothing, type TemplateResult } from 'lit-html';
import type { OverviewView } from '../admin/live/live-view.ts';
import { timeText } from '../admin/tls-words.ts';
import type { CertificateView } from '../tls/certificate-view.ts';
import type { HeldCertificate, RenewedCertificate, TriedCertificate } from '../tls/renew-answer.ts';
import { ArmedButtons } from './armed-button.ts';
import { certificateCard } from './certificate-card.ts';
import { codeText } from './code-text.ts';
import type { Page, Surroundings } from './page.ts';
import { post } from './post.ts';
import { isTroubled } from './trouble-strip.ts';

type Begun = { readonly begun: readonly RenewedCertificate[]; readonly held: readonly HeldCertificate[] };
type Tried = { readonly tried: readonly TriedCertificate[] };

/** Every certificate: how it stands, what happens next, what went wrong in full, and the button that orders it now. */
export class CertificatesPage implements Page {
  readonly title = 'Certificates · Fairlead';
  readonly live = '/live';
  readonly #around: Surroundings;
  readonly #buttons: ArmedButtons;
  readonly #busy = new Set<string>();
  /** By the first name of a certificate: what came of it. */
  readonly #said = new Map<string, string>();

  constructor(around: Surroundings) {
    this.#around = around;
    this.#buttons = new ArmedButtons(() => around.changed());
  }

  visit(): void {}

  leave(): void {}

  render(): TemplateResult {
    const { overview } = this.#around.feed;
    return html`<h1 tabindex="-1">Certificates <span class="quiet">${overview?.certificatesTotal ?? ''}</span></h1>
${overview === null ? html`<p class="quiet" aria-busy="true">Asking the proxy…</p>` : this.#certificates(overview)}`;
  }

  #certificates(overview: OverviewView): TemplateResult {
    const { certificates, certificatesTotal } = overview;
    const nowMs = Date.parse(overview.at);
    // What needs somebody comes first.
    const shown = certificates.toSorted((a, b) => Number(isTroubled(b)) - Number(isTroubled(a)));
    return html`${
      shown.length === 0
        ? html`<p class="card empty">No route has a host that needs a certificate, or HTTPS is off (<code>FAIRLEAD_HTTPS</code>).</p>`
        : html`<div class="card">${shown.map((view) => certificateCard(view, nowMs, this.#buttonsOf(view)))}</div>`
    }
${certificatesTotal > shown.length ? html`<p class="quiet">and ${certificatesTotal - shown.length} more; <a href="/certs?format=json">JSON</a> has them all.</p>` : nothing}
${certificates.some(({ mode }) => mode === 'internal') ? html`<p class="quiet">Certificates of the internal CA are trusted by whoever installs <a href="/certs/root.pem">its root</a>.</p>` : nothing}`;
  }

  #buttonsOf({ names: [name = ''], mode, state }: CertificateView): TemplateResult {
    const said = this.#said.get(name) ?? '';
    const busy = this.#busy.has(name);
    const words = html`<p class="said" role="status">${codeText(said)}</p>`;
    // Nobody else has to be asked for the others.
    if (mode !== 'acme' || state === 'no-issuer' || state === 'unused') return html`${said === '' ? nothing : words}`;
    return html`<div class="actions">
${this.#buttons.button({ key: `renew ${name}`, word: 'Order now', object: `a certificate for ${name}`, busy, act: () => void this.#order(name) })}
<button type="button" class="small" ?disabled=${busy} aria-label="Try on staging an order for ${name}" @click=${() => void this.#try(name)}>Try on staging</button>
</div>${words}`;
  }

  async #order(name: string): Promise<void> {
    await this.#ask(name, async () => {
      const posted = await post<Begun>(`/certs/renew?host=${encodeURIComponent(name)}`);
      if ('error' in posted) return posted.error;
      const { begun, held } = posted.answer;
      return [
        ...begun.map(({ names, issuer }) => `Ordering ${names.join(', ')} from ${issuer}.`),
        ...held.map(
          ({ names, why, notBefore }) => `Not ordered: ${names.join(', ')}, not before ${timeText(notBefore)}: ${why}.`,
        ),
      ].join(' ');
    });
  }

  /** The whole order on the issuer's staging directory, which takes a while. */
  async #try(name: string): Promise<void> {
    await this.#ask(name, async () => {
      const posted = await post<Tried>(`/certs/renew?host=${encodeURIComponent(name)}&dry=1`);
      if ('error' in posted) return posted.error;
      return posted.answer.tried
        .map(({ issuer, problem }) =>
          problem === null ? `${issuer} would sign it.` : `${issuer} would not: ${problem.cause} ${problem.remedy}`,
        )
        .join(' ');
    });
  }

  async #ask(name: string, ask: () => Promise<string>): Promise<void> {
    this.#busy.add(name);
    this.#said.set(name, '');
    this.#around.changed();
    this.#said.set(name, await ask());
    this.#busy.delete(name);
    this.#around.changed();
  }
}
