import { isDeepStrictEqual } from 'node:util';
import type { Clock, Timer } from '../base/clock.ts';
import type { Container } from './container.ts';
import { announcesEnd, type Kill, outlives } from './departure.ts';
import type { Inspection } from './inspection.ts';

/** Signals that came before the first inspection and so before the stop signal is known. */
const earlyKillsMax = 8;

export interface KnownContainerOptions {
  readonly clock: Clock;
  readonly graceMs: (container: Container) => number;
  /** Look at it again. */
  readonly onDoubt: () => void;
}

/**
 * What is known of one container: the last inspection, and what events said since. Methods that may change what is published
 * return whether they did.
 */
export class KnownContainer {
  /** Of the last list that was compared; '' = not listed since it became known. */
  fingerprint = '';
  /** It was asked for, and no inspection has answered since. */
  doubtful = true;
  /** That it cannot be inspected was logged, and it has not been possible since. */
  complained = false;

  readonly #options: KnownContainerOptions;
  #inspection: Inspection | null = null;
  #published: Container | null = null;
  #earlyKills: Kill[] = [];
  /** The signal that it has not obeyed yet. `forgiven`: its time is over, the next inspection decides. */
  #departure: { readonly kill: Kill; readonly timer: Timer; forgiven: boolean } | null = null;
  /** When the run began that was sent a signal to end, by the engine's clock; null = none was. */
  #stoppedRunMs: number | null = null;
  /** Its process ended; true until an inspection that was asked for later says what is. */
  #died = false;

  constructor(options: KnownContainerOptions) {
    this.#options = options;
  }

  /** The same object as long as nothing changed; null before the first inspection. */
  get container(): Container | null {
    return this.#published;
  }

  get leaving(): boolean {
    return this.#departure !== null;
  }

  /** It was looked at. `final`: no event has come since the question. */
  inspected(inspection: Inspection, { final }: { final: boolean }): boolean {
    this.#inspection = inspection;
    this.complained = false;
    if (final) {
      this.doubtful = false;
      this.#died = false;
    }
    const kills = this.#earlyKills.filter((kill) => announcesEnd(kill, inspection.container));
    this.#earlyKills = [];
    for (const kill of kills) this.#depart(kill, inspection);
    const { kill, forgiven } = this.#departure ?? {};
    if (kill !== undefined && (!outlives(kill, inspection) || (forgiven && final))) this.#stay();
    return this.#publish();
  }

  /** A signal was sent to it. */
  killed(kill: Kill): boolean {
    if (this.#inspection === null) {
      this.#earlyKills = [...this.#earlyKills.slice(1 - earlyKillsMax), kill];
      return false;
    }
    if (!announcesEnd(kill, this.#inspection.container)) return false;
    // What is known may be older than the run that is meant: after a start and before its inspection.
    if (!outlives(kill, this.#inspection) && !this.doubtful) return false;
    this.#depart(kill, this.#inspection);
    return this.#publish();
  }

  /** Its process ended. Said at once: an address without a process does not refuse, it is silent. */
  died({ atMs }: { atMs: number }): boolean {
    // The end of a run before the one that is known.
    if (this.#inspection !== null && this.#inspection.startedMs > atMs) return false;
    this.#died = true;
    return this.#publish();
  }

  close(): void {
    this.#departure?.timer.cancel();
    this.#departure = null;
  }

  #depart(kill: Kill, { container, startedMs }: Inspection): void {
    this.#stoppedRunMs = startedMs;
    this.#departure?.timer.cancel();
    const ms = Math.max(this.#options.graceMs(container), killedWithinMs(container));
    const timer = this.#options.clock.setTimeout(() => {
      if (this.#departure?.kill !== kill) return;
      this.#departure.forgiven = true;
      this.#options.onDoubt();
    }, ms);
    this.#departure = { kill, timer, forgiven: false };
  }

  #stay(): void {
    this.#departure?.timer.cancel();
    this.#departure = null;
  }

  #publish(): boolean {
    if (this.#inspection === null) return false;
    const { container, startedMs } = this.#inspection;
    const alive = container.state === 'running' || container.state === 'paused';
    const stopping = container.stopping || (alive && (this.#departure !== null || this.#died));
    const wasStopped = !alive && startedMs === this.#stoppedRunMs;
    const next =
      stopping === container.stopping && !wasStopped
        ? container
        : Object.freeze({ ...container, stopping, ...(wasStopped ? { wasStopped } : {}) });
    if (isDeepStrictEqual(next, this.#published)) return false;
    this.#published = next;
    return true;
  }
}

/** An hour: a container that is given longer to stop is taken back, should it still run. */
const stopGraceMsMax = 3_600_000;

/** Docker itself gives it that long, and its end may take a second more: taken back before, it would be killed with new requests. */
function killedWithinMs({ stopGraceMs }: Container): number {
  return Number.isFinite(stopGraceMs) ? Math.min(stopGraceMs, stopGraceMsMax) + 1_000 : 0;
}
