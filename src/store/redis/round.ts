import type { Clock, Timer } from '../../base/clock.ts';
import { redisFaultText } from './redis-fault.ts';
import { StoreAway } from './redis-link.ts';

export interface RoundWorld {
  readonly clock: Pick<Clock, 'setTimeout'>;
  /** @throws as RedisLink.send. */
  readonly look: () => Promise<void>;
  /** Told once of each reason for which the server refuses it. */
  readonly onRefused: (why: string) => void;
}

/** So often it is looked what other proxies have said; that it is answered shows that the store is well. */
const everyMs = 500;

/** Looks again and again, one look at a time, each as long as it takes. */
export class Round {
  readonly #world: RoundWorld;
  #timer: Timer | null = null;
  #looking = false;
  #closed = false;
  #why = '';

  constructor(world: RoundWorld) {
    this.#world = world;
  }

  /** Why the server refuses it; '' where it does not, or is away. */
  get why(): string {
    return this.#why;
  }

  /** Looks at once, and from then on. Never rejects. */
  async begin(): Promise<void> {
    if (this.#looking || this.#closed) return;
    this.#looking = true;
    this.#timer?.cancel();
    try {
      await this.#world.look();
      this.#why = '';
    } catch (error) {
      if (!(error instanceof StoreAway)) this.#refused(redisFaultText(error));
    }
    this.#looking = false;
    if (!this.#closed) this.#timer = this.#world.clock.setTimeout(() => void this.begin(), everyMs);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #refused(why: string): void {
    if (why !== this.#why) this.#world.onRefused(why);
    this.#why = why;
  }
}
