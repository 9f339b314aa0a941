import type { Clock } from '../base/clock.ts';

/** A request that is held: its head; the body stays with the client. */
export interface Waiter {
  /** When it is looked after whatever happens, monotonic ms. */
  readonly untilMs: number;
  /**
   * Tries again. 'gone': it is on its way, or was answered. 'nobody': it stays, and those behind it would fare no better.
   * 'later': it stays for a reason of its own.
   *
   * @param nowMs monotonic.
   */
  look(nowMs: number): 'gone' | 'nobody' | 'later';
}

export interface WaitingRoomOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
  /** Of one route. */
  readonly routeMax?: number;
  /** Of all routes of the worker. */
  readonly allMax?: number;
}

export const heldRouteMax = 1_000;
export const heldAllMax = 10_000;

/** What nobody tells of is noticed this late: time that is over, a slot that another worker's request left. */
const tickMs = 25;

/**
 * Requests that wait for a backend, by route, first come, first served. They are let go one by one for as long as there is
 * somebody to take the next, so that a backend which may have one more gets one more.
 */
export class WaitingRoom {
  readonly #clock: WaitingRoomOptions['clock'];
  readonly #routeMax: number;
  readonly #allMax: number;
  readonly #queues = new Map<string, Set<Waiter>>();
  #size = 0;
  #ticking = false;

  constructor({ clock, routeMax = heldRouteMax, allMax = heldAllMax }: WaitingRoomOptions) {
    this.#clock = clock;
    this.#routeMax = routeMax;
    this.#allMax = allMax;
  }

  get size(): number {
    return this.#size;
  }

  /** @returns false where it is full. */
  enter(routeId: string, waiter: Waiter): boolean {
    const queue = this.#queues.get(routeId) ?? new Set();
    if (queue.size >= this.#routeMax || this.#size >= this.#allMax) return false;
    this.#queues.set(routeId, queue.add(waiter));
    this.#size++;
    this.#tickLater();
    return true;
  }

  /** Its client has left. */
  leave(routeId: string, waiter: Waiter): void {
    const queue = this.#queues.get(routeId);
    if (queue?.delete(waiter) !== true) return;
    this.#size--;
    if (queue.size === 0) this.#queues.delete(routeId);
  }

  /** Some peer may have become available. */
  look(): void {
    if (this.#size === 0) return;
    const nowMs = this.#clock.monotonic();
    for (const [routeId, queue] of this.#queues) {
      let nobody = false;
      for (const waiter of queue) {
        if (nobody && waiter.untilMs > nowMs) continue;
        const verdict = waiter.look(nowMs);
        if (verdict === 'gone') this.leave(routeId, waiter);
        else if (verdict === 'nobody') nobody = true;
      }
    }
  }

  #tickLater(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    this.#clock.setTimeout(() => {
      this.#ticking = false;
      this.look();
      if (this.#size > 0) this.#tickLater();
    }, tickMs);
  }
}
