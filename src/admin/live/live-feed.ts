import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { AdminContext } from '../admin-context.ts';
import { LiveListener } from './live-listener.ts';
import { type LiveMoment, liveMoment } from './live-moment.ts';
import type { LiveTopic } from './live-topic.ts';
import { OverviewTopic } from './overview-topic.ts';
import { RouteTopic } from './route-topic.ts';

export const liveListenersMax = 32;
const lookEveryMs = 1_000;

/** What somebody wants to see: one route by its id, or those that fit some words. */
export type LiveWish = { readonly route: string } | { readonly words: string };

interface Followed {
  readonly topic: LiveTopic;
  readonly listeners: Set<LiveListener>;
}

/**
 * How everything is, for those who look on (`GET /live`). Once a second things are looked at, once for all who listen, and what each
 * wish comes to is worked out once for all who have it; where nobody listens, nothing is done.
 */
export class LiveFeed {
  readonly #about: Pick<AdminContext, 'view' | 'settings'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #followed = new Map<string, Followed>();
  #moment: LiveMoment | null = null;
  #look = 0;
  #isLooking = false;
  #timer: Timer | null = null;
  #closed = false;

  constructor(about: Pick<AdminContext, 'view' | 'settings'> & { readonly clock: Clock; readonly log: Log }) {
    this.#about = about;
    this.#clock = about.clock;
    this.#log = about.log;
  }

  get listeners(): number {
    return [...this.#followed.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /** @returns null where as many listen as may. */
  listen(wish: LiveWish): LiveListener | null {
    if (this.#closed || this.listeners >= liveListenersMax) return null;
    const key = JSON.stringify(wish);
    const followed = this.#followed.get(key) ?? this.#follow(key, wish);
    const listener: LiveListener = new LiveListener(followed.topic, () => this.#leave(key, listener));
    followed.listeners.add(listener);
    listener.looked(this.#look);
    return listener;
  }

  /** Nobody is told anything any more. */
  close(): void {
    this.#closed = true;
    for (const { listeners } of [...this.#followed.values()])
      for (const listener of [...listeners]) void listener.return();
  }

  #follow(key: string, wish: LiveWish): Followed {
    const topic = 'route' in wish ? new RouteTopic(wish.route) : new OverviewTopic(wish.words);
    const followed = { topic, listeners: new Set<LiveListener>() };
    this.#followed.set(key, followed);
    // Things were looked at within the last second, where others listen.
    if (this.#moment !== null) topic.refresh(this.#moment, this.#look);
    else if (!this.#isLooking) void this.#lookAtThings();
    return followed;
  }

  async #lookAtThings(): Promise<void> {
    this.#isLooking = true;
    this.#timer?.cancel();
    const beganMs = this.#clock.monotonic();
    try {
      const moment = await liveMoment({ ...this.#about, now: () => this.#clock.now() });
      this.#look++;
      if (this.#followed.size > 0) this.#moment = moment;
      for (const { topic, listeners } of this.#followed.values()) {
        topic.refresh(moment, this.#look);
        for (const listener of listeners) listener.looked(this.#look);
      }
    } catch (error) {
      this.#log.error({ err: error }, 'those who look on could not be told how things are');
    }
    this.#isLooking = false;
    if (this.#followed.size === 0) return;
    const tookMs = this.#clock.monotonic() - beganMs;
    this.#timer = this.#clock.setTimeout(() => void this.#lookAtThings(), Math.max(0, lookEveryMs - tookMs));
  }

  #leave(key: string, listener: LiveListener): void {
    const followed = this.#followed.get(key);
    followed?.listeners.delete(listener);
    if (followed?.listeners.size === 0) this.#followed.delete(key);
    if (this.#followed.size > 0) return;
    this.#moment = null;
    this.#timer?.cancel();
    this.#timer = null;
  }
}
