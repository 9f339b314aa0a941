import type { Clock, Timer } from '../base/clock.ts';
import type { Container } from '../docker/container.ts';

/** Removed containers remembered at most; beyond this the oldest are let go early. */
const rememberedMax = 1_000;

/**
 * Containers outlive their removal by `FAIRLEAD_LINGER`: nobody can know whether a successor is on its way, so absence is
 * given time before it is believed. Meanwhile their routes answer 503 with a reason instead of being unknown.
 */
export class Lingering {
  readonly #lingerMs: number;
  readonly #clock: Clock;
  readonly #onExpiry: () => void;
  #present: readonly Container[] = [];
  #gone = new Map<string, { readonly container: Container; readonly untilMs: number }>();
  #timer: Timer | null = null;

  constructor(options: { lingerMs: number; clock: Clock; onExpiry: () => void }) {
    this.#lingerMs = options.lingerMs;
    this.#clock = options.clock;
    this.#onExpiry = options.onExpiry;
  }

  /** The containers of a snapshot, and those that left it a short while ago, as state 'removed'. */
  extend(containers: readonly Container[]): readonly Container[] {
    const nowMs = this.#clock.now();
    const before = this.#present;
    this.#present = containers;
    // Most changes are of what a container does, not of which there are.
    const sameIds = before.length === containers.length && before.every(({ id }, i) => id === containers[i]?.id);
    const present = sameIds && this.#gone.size === 0 ? none : new Set(containers.map(({ id }) => id));
    if (!sameIds)
      this.#remember(
        before.filter(({ id }) => !present.has(id)),
        nowMs,
      );
    for (const [id, { untilMs }] of this.#gone) {
      if (untilMs <= nowMs || present.has(id) || this.#gone.size > rememberedMax) this.#gone.delete(id);
    }
    this.#schedule(nowMs);
    return this.#gone.size === 0
      ? containers
      : [...containers, ...[...this.#gone.values()].map(({ container }) => container)];
  }

  close(): void {
    this.#timer?.cancel();
  }

  #remember(left: readonly Container[], nowMs: number): void {
    for (const container of left) {
      if (!hasProxyLabel(container)) continue;
      const removed: Container = Object.freeze({
        ...container,
        state: 'removed',
        changedMs: nowMs,
        stopping: false,
        attachments: [],
      });
      this.#gone.set(container.id, { container: removed, untilMs: nowMs + this.#lingerMs });
    }
  }

  #schedule(nowMs: number): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#gone.size === 0) return;
    const nextMs = Math.min(...[...this.#gone.values()].map(({ untilMs }) => untilMs));
    this.#timer = this.#clock.setTimeout(this.#onExpiry, Math.max(1, nextMs - nowMs));
  }
}

const none: ReadonlySet<string> = new Set();

function hasProxyLabel({ labels }: Container): boolean {
  return Object.keys(labels).some((key) => /^proxy\./i.test(key));
}
