import type { Clock } from '../base/clock.ts';
import { type FailureNotes, failedRequest, hasFailed } from '../proxy/failed-request.ts';
import type { Journey } from '../proxy/journey.ts';
import type { FailuresMessage } from './messages.ts';

/** Failures wait for company so long, and so many are told together at most: a hundred a second. */
const handEveryMs = 500;
const batchMax = 50;
/** Of one route, so that one which fails all the time leaves room for others, and its refusals leave room for what is worse. */
const alikeMax = 15;

/** A worker's failed requests on their way to the control plane. While nothing fails it does nothing. */
export class FailureTeller implements FailureNotes {
  readonly #clock: Clock;
  readonly #say: (message: FailuresMessage) => void;
  #failed: FailuresMessage['failed'][number][] = [];
  readonly #alike = new Map<string, number>();
  #more = 0;
  #isWaiting = false;

  constructor(about: { readonly clock: Clock; readonly say: (message: FailuresMessage) => void }) {
    this.#clock = about.clock;
    this.#say = about.say;
  }

  note(journey: Journey, nowMs: number): void {
    const { live, status } = journey;
    if (live === null || !hasFailed(journey)) return;
    if (!this.#isWaiting) this.#clock.setTimeout(() => this.hand(), handEveryMs);
    this.#isWaiting = true;
    const route = live.route.id;
    const kind = `${status >= 500} ${route}`;
    const alike = this.#alike.get(kind) ?? 0;
    if (this.#failed.length >= batchMax || alike >= alikeMax) {
      this.#more++;
      return;
    }
    this.#alike.set(kind, alike + 1);
    this.#failed.push({ route, request: failedRequest(journey, nowMs, this.#clock.now()) });
  }

  /** Lets go of what has waited. */
  hand(): void {
    const [failed, more] = [this.#failed, this.#more];
    this.#isWaiting = false;
    this.#failed = [];
    this.#alike.clear();
    this.#more = 0;
    if (failed.length > 0) this.#say({ type: 'failures', failed, more });
  }
}
