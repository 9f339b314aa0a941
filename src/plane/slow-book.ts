import { LRUCache } from 'lru-cache';
import type { ControlView } from '../admin/control-view.ts';
import type { SlowRequest } from '../proxy/slow-request.ts';
import type { FailuresMessage } from './messages.ts';

export const slowMax = 20;
/** Routes of which slow requests are kept: those that were slow last. */
export const slowRoutesMax = 1_000;

/** The last requests that took long, by route; in memory, and apart from those that failed, so that neither pushes out the other. */
export class SlowBook implements Readonly<ControlView['slow']> {
  /** Each with the oldest first. */
  readonly #routes = new LRUCache<string, SlowRequest[]>({ max: slowRoutesMax, memoMethod: () => [] });

  hear({ slow }: Pick<FailuresMessage, 'slow'>): void {
    for (const { route, request } of slow) {
      const requests = this.#routes.memo(route);
      requests.push(request);
      if (requests.length > slowMax) requests.shift();
    }
  }

  of(routeId: string): readonly SlowRequest[] {
    return [...(this.#routes.peek(routeId) ?? [])].reverse();
  }
}
