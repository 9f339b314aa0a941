import { html, render } from 'lit-html';
import { CertificatesPage } from './certificates-page.ts';
import { ExplainPage } from './explain-page.ts';
import { footer, header } from './header.ts';
import { helpDialog, openHelp } from './help-dialog.ts';
import { LiveFeed } from './live-feed.ts';
import { ourLink } from './our-links.ts';
import type { Page, Surroundings } from './page.ts';
import { ReasonPage } from './reason-page.ts';
import { RoutePage } from './route-page.ts';
import { RoutesPage } from './routes-page.ts';
import { onShortcut } from './shortcuts.ts';

type Kind = 'routes' | 'route' | 'reason' | 'certificates' | 'explain';

/** The page at the admin address: which of its pages is shown, and when it is drawn. */
export class App implements Surroundings {
  readonly feed = new LiveFeed(() => this.changed());
  readonly #root: HTMLElement;
  readonly #signedIn: boolean;
  #kind: Kind;
  #page: Page;
  #frame = 0;

  constructor(root: HTMLElement) {
    this.#root = root;
    this.#signedIn = root.dataset.signedIn !== undefined;
    const query = new URLSearchParams(location.search);
    this.#kind = kindOf(location.pathname, query);
    this.#page = this.#make(this.#kind, query);
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
    onShortcut({ go: (address) => this.go(address), help: openHelp });
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
    const kind = kindOf(location.pathname, query);
    if (kind === this.#kind) this.#page.visit(query);
    else {
      this.#page.leave();
      this.#kind = kind;
      this.#page = this.#make(kind, query);
    }
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
    const about = { feed: this.feed, path: location.pathname, signedIn: this.#signedIn };
    render(
      html`<a class="skip" href="#content">To the content</a>${header(about)}
<main id="content" tabindex="-1">${this.#page.render()}</main>${footer(this.feed)}${helpDialog()}`,
      this.#root,
    );
  }

  #make(kind: Kind, query: URLSearchParams): Page {
    switch (kind) {
      case 'certificates':
        return new CertificatesPage(this);
      case 'explain':
        return new ExplainPage(this, query);
      case 'reason':
        return new ReasonPage(query);
      case 'route':
        return new RoutePage(this, query);
      case 'routes':
        return new RoutesPage(this, query);
      default:
        return kind satisfies never;
    }
  }
}

/** By the address. */
function kindOf(path: string, query: URLSearchParams): Kind {
  if (path === '/certs') return 'certificates';
  if (path === '/explain') return 'explain';
  if (query.has('reason')) return 'reason';
  return query.has('route') ? 'route' : 'routes';
}
