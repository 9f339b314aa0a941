import { LRUCache } from 'lru-cache';
import type { ControlView } from '../admin/control-view.ts';
import type { FailedRequest } from '../proxy/failed-request.ts';
import type { FailuresMessage } from './messages.ts';

export const failuresMax = 50;
/** Routes of which failures are kept: those that failed last. */
export const failingRoutesMax = 1_000;

/** Backends of which the last failure is kept. */
export const failingBackendsMax = 1_000;

/** Each with the oldest first. */
interface Failures {
  /** 5xx, and answers that were cut off. */
  readonly failed: FailedRequest[];
  /** Below 500: refused by the proxy. */
  readonly refused: FailedRequest[];
}

/** The last requests that failed, by route; in memory, so that they are there whatever is logged. */
export class FailureBook implements Readonly<ControlView['failures']> {
  readonly #routes = new LRUCache<string, Failures>({
    max: failingRoutesMax,
    memoMethod: () => ({ failed: [], refused: [] }),
  });
  readonly #backends = new LRUCache<string, FailedRequest>({ max: failingBackendsMax });
  #untold = 0;

  hear({ failed, more }: FailuresMessage): void {
    this.#untold += more;
    for (const { route, request } of failed) {
      this.#add(route, request);
      this.#addAt(request);
    }
  }

  of(routeId: string): readonly FailedRequest[] {
    const { failed, refused } = this.#routes.peek(routeId) ?? { failed: [], refused: [] };
    // Those of one moment stay in the order in which they came.
    return [...failed, ...refused].reverse().sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0));
  }

  /** The last one at a container, by its name and `host:port`, that the proxy had no answer for. */
  at(container: string, address: string): FailedRequest | null {
    return this.#backends.peek(`${container} ${address}`) ?? null;
  }

  get untold(): number {
    return this.#untold;
  }

  #add(route: string, request: FailedRequest): void {
    const { failed, refused } = this.#routes.memo(route);
    (isRefusal(request) ? refused : failed).push(request);
    // A guesser of passwords must not push out what has broken, nor the other way round.
    if (failed.length + refused.length > failuresMax) (failed.length > refused.length ? failed : refused).shift();
  }

  #addAt(request: FailedRequest): void {
    const { container, upstream, reason } = request;
    if (container === null || upstream === null || reason === null || isRefusal(request)) return;
    this.#backends.set(`${container} ${upstream}`, request);
  }
}

function isRefusal({ status }: FailedRequest): boolean {
  return status >= 400 && status < 500;
}
