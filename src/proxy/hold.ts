import type { Reason } from '../http/failure.ts';
import { isHopeful } from '../upstream/outlook.ts';
import type { Waiter } from '../upstream/waiting-room.ts';
import { guarded } from './guarded.ts';
import type { Carrier, Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

export interface HoldPlan {
  /** Tries again; null = it is on its way, or was answered. Otherwise `journey.live` is the route as it is now. */
  again(): Reason | null;
  /** Answers; nobody came in time. */
  giveUp(reason: Reason): void;
  /** Where one has failed it just now: not to be asked again before, and worth waiting for until then. Monotonic ms, 0 = none. */
  readonly pauseUntilMs: number;
  readonly doubtUntilMs: number;
}

/** A request in the waiting room, of which only the head has been read (`proxy.wait`, `proxy.maxconn.queue`). */
export class Hold implements Waiter, Carrier {
  untilMs = 0;
  readonly #world: ProxyWorld;
  readonly #journey: Journey;
  readonly #plan: HoldPlan;
  #routeId = '';

  constructor(world: ProxyWorld, journey: Journey, plan: HoldPlan) {
    this.#world = world;
    this.#journey = journey;
    this.#plan = plan;
  }

  /**
   * @param reason why nobody can take it.
   * @returns false where nobody is to be expected, or the room is full.
   */
  enter(reason: Reason): boolean {
    return this.#journey.mayBeHeld && this.#stays(reason, this.#world.monotonic());
  }

  look(nowMs: number): 'gone' | 'nobody' | 'later' {
    if (nowMs < this.#plan.pauseUntilMs) return 'later';
    const routeId = this.#routeId;
    let stays = false;
    this.#journey.released(nowMs);
    guarded(this.#world, this.#journey, () => {
      const reason = this.#plan.again();
      if (reason === null) return;
      stays = this.#stays(reason, nowMs);
      if (!stays) this.#plan.giveUp(reason);
    });
    return stays && routeId === this.#routeId ? 'nobody' : 'gone';
  }

  /** The client has left. */
  close(): void {
    this.#world.waiting.leave(this.#routeId, this);
    this.#journey.released(this.#world.monotonic());
  }

  #stays(reason: Reason, nowMs: number): boolean {
    const journey = this.#journey;
    const live = journey.live as LiveRoute;
    const since = { sinceMs: journey.heldSinceMs ?? nowMs, doubtUntilMs: this.#plan.doubtUntilMs };
    this.untilMs = waitsUntilMs(this.#world, live, reason, since);
    if (this.untilMs <= nowMs) return false;
    const routeId = live.route.id;
    // At first, and where by now another route is the one for it.
    if (routeId !== this.#routeId && !this.#world.waiting.enter(routeId, this)) return false;
    this.#routeId = routeId;
    journey.held(nowMs);
    return true;
  }
}

/** Until when a request waits that nobody can take for this reason; monotonic ms, and in the past where it does not wait. */
export function waitsUntilMs(
  world: Pick<ProxyWorld, 'now'>,
  { route, peers }: Pick<LiveRoute, 'route' | 'peers'>,
  reason: Reason,
  { sinceMs, doubtUntilMs }: { readonly sinceMs: number; readonly doubtUntilMs: number },
): number {
  const { waitMs, queueMs } = route.policy;
  if (reason === 'backend-busy') return sinceMs + queueMs;
  const limitMs = sinceMs + waitMs;
  if (isHopeful(peers, { nowMs: world.now(), changedMs: route.changedMs, waitMs })) return limitMs;
  let untilMs = doubtUntilMs;
  for (const { refusal } of peers) if (refusal !== null) untilMs = Math.max(untilMs, refusal.doubtUntilMs);
  return Math.min(limitMs, untilMs);
}
