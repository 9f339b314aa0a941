import type { Clock } from '../base/clock.ts';
import { type FailureNotes, failedRequest, hasFailed } from '../proxy/failed-request.ts';
import type { Journey } from '../proxy/journey.ts';
import { isSlow, slowRequest } from '../proxy/slow-request.ts';
import type { FailuresMessage } from './messages.ts';

/** They wait for company so long, and of each kind so many are told together at most: a hundred failures a second, forty slow ones. */
const handEveryMs = 500;
/** `alikeMax`: of one route, so that one which fails all the time leaves room for others, and its refusals leave room for what is worse. */
const failedBounds = { max: 50, alikeMax: 15 } as const;
const slowBounds = { max: 20, alikeMax: 5 } as const;

/** A worker's failed and slow requests on their way to the control plane. While there are none it does nothing. */
export class FailureTeller implements FailureNotes {
  readonly #clock: Clock;
  readonly #say: (message: FailuresMessage) => void;
  readonly #failed = new Company<FailuresMessage['failed'][number]>(failedBounds);
  /** Has places of its own: a route that is slow all the time hides no failure. */
  readonly #slow = new Company<FailuresMessage['slow'][number]>(slowBounds);
  #isWaiting = false;

  constructor(about: { readonly clock: Clock; readonly say: (message: FailuresMessage) => void }) {
    this.#clock = about.clock;
    this.#say = about.say;
  }

  note(journey: Journey, nowMs: number): void {
    const { live, status } = journey;
    if (live === null) return;
    const route = live.route.id;
    if (hasFailed(journey)) {
      const request = () => ({ route, request: failedRequest(journey, nowMs, this.#clock.now()) });
      this.#failed.add(`${status >= 500} ${route}`, request);
    } else if (isSlow(journey, nowMs)) {
      this.#slow.add(route, () => ({ route, request: slowRequest(journey, nowMs, this.#clock.now()) }));
    } else return;
    if (!this.#isWaiting) this.#clock.setTimeout(() => this.hand(), handEveryMs);
    this.#isWaiting = true;
  }

  /** Lets go of what has waited. */
  hand(): void {
    this.#isWaiting = false;
    const { items: failed, more } = this.#failed.take();
    const { items: slow } = this.#slow.take();
    if (failed.length > 0 || slow.length > 0) this.#say({ type: 'failures', failed, more, slow });
  }
}

/** What waits to be told together, bounded; what there is no room for is counted. */
class Company<T> {
  readonly #bounds: { readonly max: number; readonly alikeMax: number };
  #items: T[] = [];
  readonly #alike = new Map<string, number>();
  #more = 0;

  constructor(bounds: { readonly max: number; readonly alikeMax: number }) {
    this.#bounds = bounds;
  }

  add(kind: string, make: () => T): void {
    const alike = this.#alike.get(kind) ?? 0;
    if (this.#items.length >= this.#bounds.max || alike >= this.#bounds.alikeMax) {
      this.#more++;
      return;
    }
    this.#alike.set(kind, alike + 1);
    this.#items.push(make());
  }

  take(): { readonly items: readonly T[]; readonly more: number } {
    const taken = { items: this.#items, more: this.#more };
    this.#items = [];
    this.#alike.clear();
    this.#more = 0;
    return taken;
  }
}
