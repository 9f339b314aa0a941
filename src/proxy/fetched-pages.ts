import type { RequestHead } from '../http/head.ts';
import { FlatHeaderList } from '../http/header-list.ts';
import type { Page } from '../http/own-answer.ts';
import { applyEdits } from '../steps/edit-headers.ts';
import { WholeAnswer } from '../upstream/whole-answer.ts';
import { choosePeer, nobody } from './choose-peer.ts';
import type { Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

const bodyBytesMax = 256 * 1024;
/** For the whole of it. */
const fetchMsMax = 5_000;
const timeouts = { connectMs: 2_000, readMs: fetchMsMax, sendMs: fetchMsMax };
/** A page is asked for once in so long, whether it came or not: a flood of refusals must not become one of requests. */
const freshMs = 10_000;
const failedMs = 1_000;
/** By host and path; a route for many hosts has no more. */
const pagesMax = 16;
const fetchesPerSecond = 10;

interface Known {
  /** The last one that came; null = none has. */
  page: Page | null;
  /** Monotonic ms. */
  untilMs: number;
  fetch: Promise<Page | null> | null;
}

/**
 * Error pages of one route's backend (`proxy.errors=404 /404.html`). One request for all who need the page at that moment, and nothing of
 * any client in it: whoever was refused cannot send the backend anything by it.
 */
export class FetchedPages {
  readonly #known = new Map<string, Known>();
  #secondMs = 0;
  #fetches = 0;

  /** At once where it is there, or cannot be had now. */
  get(world: ProxyWorld, journey: Journey, path: string): Page | null | Promise<Page | null> {
    const key = `${journey.host} ${path}`;
    const nowMs = world.monotonic();
    const known = this.#known.get(key);
    if (known?.fetch != null) return known.fetch;
    if (known !== undefined && nowMs < known.untilMs) return known.page;
    if (!this.#mayFetch(nowMs)) return known?.page ?? null;
    const fetch = this.#fetch(world, journey, path);
    if (fetch === null) return known?.page ?? null;
    const entry: Known = known ?? { page: null, untilMs: 0, fetch: null };
    entry.fetch = fetch.then((page) => {
      entry.page = page ?? entry.page;
      entry.untilMs = world.monotonic() + (page === null ? failedMs : freshMs);
      entry.fetch = null;
      return entry.page;
    });
    this.#remember(key, entry);
    return entry.fetch;
  }

  #mayFetch(nowMs: number): boolean {
    if (nowMs - this.#secondMs >= 1_000) {
      this.#secondMs = nowMs;
      this.#fetches = 0;
    }
    return this.#fetches < fetchesPerSecond;
  }

  /** @returns null where nobody can be asked. */
  #fetch(world: ProxyWorld, journey: Journey, path: string): Promise<Page | null> | null {
    const { reason, peer: failed } = journey;
    // Whoever did not answer the request is not asked again for its page.
    const tried = failed !== null && reason?.startsWith('backend-') ? new Set([failed]) : nobody;
    const peer = choosePeer(world, journey, tried);
    if (typeof peer === 'string') return null;
    this.#fetches++;
    peer.begin();
    const deadline = new AbortController();
    const timer = world.clock.setTimeout(() => deadline.abort(), fetchMsMax);
    const request = { peer: peer.address, head: headFor(journey, path), timeouts };
    const { answer } = new WholeAnswer(world.upstream, request, { bodyBytesMax, signal: deadline.signal });
    return answer.then((found) => {
      timer.cancel();
      peer.end();
      if (found === null) return null;
      peer.succeed();
      const { head, body } = found;
      if (head.status !== 200 || head.headers.has('content-encoding')) return null;
      return { type: head.headers.get('content-type') ?? 'text/html; charset=utf-8', body };
    });
  }

  #remember(key: string, entry: Known): void {
    this.#known.delete(key);
    this.#known.set(key, entry);
    const [oldest] = this.#known.keys();
    if (this.#known.size > pagesMax && oldest !== undefined) this.#known.delete(oldest);
  }
}

function headFor(journey: Journey, path: string): RequestHead {
  const { authority } = journey.exchange.request;
  const headers = FlatHeaderList.of({ Host: authority, Accept: 'text/html, */*;q=0.1', 'Accept-Encoding': 'identity' });
  headers.appendBlock(journey.requester.forwarded);
  headers.append('X-Request-Id', journey.requestId);
  applyEdits(headers, (journey.live as LiveRoute).route.policy.requestHeaders, journey);
  return { method: 'GET', target: path, version: '1.1', authority, headers, bodyLength: 0, upgrade: null };
}
