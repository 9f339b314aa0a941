import type { Page } from '../http/own-answer.ts';
import { takesPage } from '../http/takes-page.ts';
import { isTunnelProtocol } from '../http/tunnel-protocol.ts';
import type { PageFile } from '../labels/page-file.ts';
import type { ErrorPolicy } from '../routing/table.ts';
import { FetchedPages } from './fetched-pages.ts';
import type { Journey } from './journey.ts';
import { PageTemplate, type PageWords } from './page-template.ts';
import type { ProxyWorld } from './world.ts';

/** The page; null = the built-in one. */
export type FoundPage = Page | null | Promise<Page | null>;

/** By file: routes that were read together have their pages in common. */
const templates = new WeakMap<PageFile, PageTemplate>();

/** `proxy.errors` of one route. */
export class ErrorPages {
  /** For answers of the backend as well. */
  readonly intercept: boolean;
  readonly #pages: ErrorPolicy['pages'];
  readonly #fetched = new FetchedPages();

  constructor({ pages, intercept }: ErrorPolicy) {
    this.#pages = pages;
    this.intercept = intercept;
  }

  /**
   * What is shown in the place of an answer with this status.
   *
   * @param by who answers so: the proxy, for a reason of its own, or the backend.
   * @returns undefined where the answer stays as it is: no source is for it, or it is for a client that shows no pages.
   */
  find(
    world: ProxyWorld,
    journey: Journey,
    { status, by }: { readonly status: number; readonly by: string },
  ): FoundPage | undefined {
    const source = this.#sourceOf(status);
    if (source === undefined || !showsPages(journey)) return undefined;
    const type = source.kind === 'page' ? source.page.type : 'text/html';
    if (!takesPage(journey.accept, type)) return undefined;
    switch (source.kind) {
      case 'page': {
        const words: PageWords = { status, reason: by, request_id: journey.requestId };
        return templateOf(source.page).fill(words);
      }
      case 'path':
        return this.#fetched.get(world, journey, source.path.replaceAll('{status}', String(status)));
      default:
        return null;
    }
  }

  #sourceOf(status: number) {
    return this.#pages.find(({ statuses }) => statuses.some(({ from, to }) => status >= from && status <= to))?.source;
  }
}

/** Goes on with the page once it is there, unless the client has left by then. */
export function withFound(
  world: ProxyWorld,
  journey: Journey,
  page: FoundPage,
  show: (page: Page | null) => void,
): void {
  if (!(page instanceof Promise)) return show(page);
  page
    .then((found) => {
      if (!journey.ended) show(found);
    })
    .catch((error: unknown) => {
      world.log.error({ err: error, requestId: journey.requestId }, 'an error page could not be shown');
      journey.exchange.destroy();
    });
}

function templateOf(page: PageFile): PageTemplate {
  let template = templates.get(page);
  if (template === undefined) {
    template = new PageTemplate(page);
    templates.set(page, template);
  }
  return template;
}

/** Not who opens a WebSocket or calls by gRPC; nor the cache, which asks for what the backend says. */
function showsPages({ exchange: { request }, isInner }: Journey): boolean {
  if (isInner || (request.upgrade !== null && isTunnelProtocol(request.upgrade))) return false;
  return request.headers.get('content-type')?.toLowerCase().startsWith('application/grpc') !== true;
}
