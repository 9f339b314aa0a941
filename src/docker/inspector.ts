import type { Clock, Timer } from '../base/clock.ts';

/** Eight at a time were as good as 64, and leave the engine room for others. */
const parallelMax = 8;
/**
 * Docker answers for a container only when it has finished starting it, which takes a quarter of a second to many. Looks that
 * wait for that must not keep others from theirs: they do not count among the eight, up to this number in all.
 */
const underWayMax = 64;
/** After this long a look counts as waiting, and no longer holds back what others have found. */
const promptMs = 50;
const retryFirstMs = 100;
const retriesMax = 3;

export interface InspectorOptions {
  readonly clock: Clock;
  /** Looks at one container. */
  readonly inspect: (id: string) => Promise<unknown>;
  /** `final`: nobody has asked for another look since this one began. */
  readonly onResult: (id: string, json: unknown, about: { readonly final: boolean }) => void;
  /** `final`: it will not be asked again by itself. */
  readonly onFailure: (id: string, error: unknown, about: { readonly final: boolean }) => void;
  /** Nothing is queued or under way any more. */
  readonly onIdle: () => void;
}

/**
 * Looks at containers, each by itself one look after the other, so that results of one container come in the order in which
 * they were true. What is asked for while a look is under way is looked at once more. Failures are asked again after 100 ms,
 * 400 ms and 1.6 s; then it is up to the next reconciliation.
 */
export class Inspector {
  readonly #options: InspectorOptions;
  /** Bounded by the containers of the engine: ids are in it once. */
  readonly #queue = new Set<string>();
  /** With the timer that makes a look one that waits; null = it waits. */
  readonly #underWay = new Map<string, Timer | null>();
  readonly #retries = new Map<string, { count: number; timer: Timer | null }>();
  #closed = false;

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#queue.size === 0 && this.#underWay.size === 0;
  }

  /** More results are to be expected at once; a slow engine does not count as busy for ever. */
  get busy(): boolean {
    return this.#queue.size > 0 || this.#prompt() > 0;
  }

  /** Every call is a new reason: the container is looked at after it, whatever is under way. */
  look(id: string): void {
    this.#forgetRetry(id);
    this.#enqueue(id);
  }

  /** Looks no more; what is under way is not told. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#retries.values()) timer?.cancel();
    this.#retries.clear();
    for (const timer of this.#underWay.values()) timer?.cancel();
    this.#queue.clear();
  }

  #enqueue(id: string): void {
    if (this.#closed) return;
    this.#queue.add(id);
    this.#fill();
  }

  #prompt(): number {
    return this.#underWay.values().reduce((sum, timer) => sum + (timer === null ? 0 : 1), 0);
  }

  #fill(): void {
    for (const id of this.#queue) {
      if (this.#prompt() >= parallelMax || this.#underWay.size >= underWayMax) return;
      if (this.#underWay.has(id)) continue;
      this.#queue.delete(id);
      void this.#ask(id);
    }
  }

  async #ask(id: string): Promise<void> {
    this.#underWay.set(
      id,
      this.#options.clock.setTimeout(() => {
        this.#underWay.set(id, null);
        this.#fill();
      }, promptMs),
    );
    const outcome = await this.#options.inspect(id).then(
      (json) => ({ json }),
      (error: unknown) => ({ error }),
    );
    this.#underWay.get(id)?.cancel();
    this.#underWay.delete(id);
    if (this.#closed) return;
    if ('error' in outcome) {
      this.#options.onFailure(id, outcome.error, { final: !this.#retry(id, outcome.error) });
    } else {
      this.#forgetRetry(id);
      this.#options.onResult(id, outcome.json, { final: !this.#queue.has(id) });
    }
    this.#fill();
    if (this.idle) this.#options.onIdle();
  }

  /** Whether it will be asked again; 404 is an answer and no failure. */
  #retry(id: string, error: unknown): boolean {
    const count = (this.#retries.get(id)?.count ?? 0) + 1;
    if ((error as { status?: number }).status === 404 || count > retriesMax) {
      this.#forgetRetry(id);
      return false;
    }
    const timer = this.#options.clock.setTimeout(() => this.#enqueue(id), retryFirstMs * 4 ** (count - 1));
    this.#retries.set(id, { count, timer });
    return true;
  }

  #forgetRetry(id: string): void {
    this.#retries.get(id)?.timer?.cancel();
    this.#retries.delete(id);
  }
}
