import { createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

/** `busy`: so many others are being compared that this one was not. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

interface Remembered {
  readonly verdict: 'right' | 'wrong';
  readonly untilMs: number;
}

/** What is known of a pair of name and password does not change, as long as the entry is the same; this bounds how long it is kept. */
const rememberedMs = 5 * 60_000;
const rememberedMax = 1_000;
/** At a time: there are four threads for all such work of the process. */
const comparedMax = 2;
const waitingMax = 64;

/**
 * Compares passwords, which is made to take long: each pair once, and few at a time. What came out is remembered for a while
 * under a keyed digest, so that no password stays in memory; those that were wrong apart from those that were right, whom
 * guessing cannot push out.
 */
export class PasswordDesk {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #compare: (password: string, hash: string) => Promise<boolean>;
  readonly #key = randomBytes(32);
  readonly #remembered = { right: new Map<string, Remembered>(), wrong: new Map<string, Remembered>() };
  /** The same pair often comes on several connections at once. */
  readonly #underWay = new Map<string, Promise<PasswordVerdict>>();
  readonly #waiting: (() => void)[] = [];
  #compared = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, compare: (password: string, hash: string) => Promise<boolean>) {
    this.#clock = clock;
    this.#compare = compare;
  }

  /**
   * @param hash of the user's entry.
   * @returns at once where it is remembered.
   */
  check(user: string, password: string, hash: string): PasswordVerdict | Promise<PasswordVerdict> {
    const digest = createHmac('sha256', this.#key)
      .update(JSON.stringify([user, password, hash]))
      .digest('base64');
    const known = this.#known(digest);
    if (known !== null) return known;
    const underWay = this.#underWay.get(digest);
    if (underWay !== undefined) return underWay;
    if (this.#waiting.length >= waitingMax) return 'busy';
    const verdict = this.#work(digest, password, hash).finally(() => this.#underWay.delete(digest));
    this.#underWay.set(digest, verdict);
    return verdict;
  }

  #known(digest: string): PasswordVerdict | null {
    for (const map of [this.#remembered.right, this.#remembered.wrong]) {
      const found = map.get(digest);
      if (found === undefined) continue;
      map.delete(digest);
      if (found.untilMs <= this.#clock.monotonic()) return null;
      map.set(digest, found);
      return found.verdict;
    }
    return null;
  }

  async #work(digest: string, password: string, hash: string): Promise<PasswordVerdict> {
    if (this.#compared >= comparedMax) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#compared++;
    try {
      const verdict = (await this.#compare(password, hash)) ? 'right' : 'wrong';
      this.#remember(digest, verdict);
      return verdict;
    } finally {
      // Whoever is next takes over the place.
      const next = this.#waiting.shift();
      if (next === undefined) this.#compared--;
      else next();
    }
  }

  #remember(digest: string, verdict: 'right' | 'wrong'): void {
    const map = this.#remembered[verdict];
    const [oldest] = map.keys();
    if (map.size >= rememberedMax && oldest !== undefined) map.delete(oldest);
    map.set(digest, { verdict, untilMs: this.#clock.monotonic() + rememberedMs });
  }
}
