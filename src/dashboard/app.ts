import { html, render } from 'lit-html';
import { CertificatesPage } from './certificates-page.ts';
import { ExplainPage } from './explain-page.ts';
import { footer, header } from './header.ts';
import { HelpDialog } from './help-dialog.ts';
import { LiveFeed } from './live-feed.ts';
import { isOurs, ourLink } from './our-links.ts';
import type { Page, Surroundings } from './page.ts';
import { ReasonPage } from './reason-page.ts';
import { RoutePage } from './route-page.ts';
import { RoutesPage } from './routes-page.ts';
import { onShortcut } from './shortcuts.ts';

/** The page at the admin address: which of its pages is shown, and when it is drawn. */
export class App implements Surroundings {
  readonly feed = new LiveFeed(() => this.changed());
  readonly #root: HTMLElement;
  readonly #help = new HelpDialog(() => this.changed());
  readonly #signedIn: boolean;
  #page: Page;
  #frame = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#signedIn = root.dataset.signedIn !== undefined;
    this.#page = this.#pageOf(location.pathname, new URLSearchParams(location.search));
  }

  start(): void {
    document.addEventListener('click', (event) => {
      const address = ourLink(event);
      if (address === null) return;
      event.preventDefault();
      this.go(address);
    });
    window.addEventListener('popstate', () => this.#show(false));
    document.addEventListener('themechange', () => this.changed());
    onShortcut({ go: (address) => this.go(address), help: () => this.#help.open() });
    this.changed();
  }

  go(address: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    this.#show(how === 'push');
  }

  changed(): void {
    // Many things may change before the next picture.
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** @param isArrival the page begins at its heading, for those who hear it too. */
  #show(isArrival: boolean): void {
    const query = new URLSearchParams(location.search);
    const next = this.#pageOf(location.pathname, query);
    const isOther = next.constructor !== this.#page.constructor;
    if (isOther) {
      this.#page.leave();
      this.#page = next;
    } else this.#page.visit(query);
    this.#draw();
    if (!isArrival) return;
    window.scrollTo(0, 0);
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    document.title = this.#page.title;
    this.feed.listen(this.#page.live);
    const about = { feed: this.feed, path: location.pathname, signedIn: this.#signedIn, help: () => this.#help.open() };
    render(
      html`<a class="skip" href="#content">To the content</a>${header(about)}
<main id="content" tabindex="-1">${this.#page.render()}</main>${footer(this.feed)}${this.#help.render()}`,
      this.#root,
    );
  }

  #pageOf(path: string, query: URLSearchParams): Page {
    if (!isOurs(path)) return new RoutesPage(this, query);
    if (path === '/certs') return new CertificatesPage(this);
    if (path === '/explain') return new ExplainPage(this, query);
    if (query.has('reason')) return new ReasonPage(query);
    return query.has('route') ? new RoutePage(this, query) : new RoutesPage(this, query);
  }
}
