/** What clients saw. */
export interface Tally {
  readonly requests: number;
  /** Without the right answer: an error, another status, a body that is cut or another's. */
  readonly failed: number;
  /** How often, by what was seen. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
  /** WebSockets that ended without a close frame. */
  readonly tunnelsCut: number;
  /** Answers of a backend of another route, which are failed too. */
  readonly strangers: number;
}

/** Different failures that are told apart; a scenario that goes wrong makes thousands. */
const kindsMax = 20;

/** Counts while clients ask. */
export class TallySheet {
  #requests = 0;
  #failed = 0;
  #slowestMs = 0;
  #tunnelsCut = 0;
  #strangers = 0;
  readonly #failures = new Map<string, number>();

  right(tookMs: number): void {
    this.#requests++;
    this.#slowestMs = Math.max(this.#slowestMs, tookMs);
  }

  wrong(what: string): void {
    this.#requests++;
    this.#failed++;
    const kind = this.#failures.has(what) || this.#failures.size < kindsMax ? what : 'others';
    this.#failures.set(kind, (this.#failures.get(kind) ?? 0) + 1);
  }

  stranger(): void {
    this.#strangers++;
    this.wrong('answered by another');
  }

  cut(): void {
    this.#tunnelsCut++;
  }

  tally(): Tally {
    return {
      requests: this.#requests,
      failed: this.#failed,
      failures: Object.fromEntries(this.#failures),
      slowestMs: Math.round(this.#slowestMs),
      tunnelsCut: this.#tunnelsCut,
      strangers: this.#strangers,
    };
  }
}
