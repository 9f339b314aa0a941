import type { Clock } from '../../base/clock.ts';
import type { AcmeFailure } from './failure.ts';
import { IssuerBook } from './issuer-book.ts';
import { halved, type IssuerLimits, politeLimits, waitMs } from './issuer-limits.ts';
import { emptyPage, prune } from './ledger-page.ts';
import { type LedgerState, ledgerText, readLedger } from './ledger-text.ts';
import { type Hold, orderHolds, orderPlace } from './order-holds.ts';
import type { OrderRequest, PendingOrder } from './order-request.ts';

/** Where the ledger outlives the process; a Keyv fits. */
export interface LedgerStore {
  get(key: string): Promise<unknown>;
  /** Resolves once the value would survive a crash. */
  set(key: string, value: string): Promise<unknown>;
}

export type OrderVerdict =
  | { readonly ok: true; readonly where: 'production' | 'staging' }
  /** `why` is the end of a sentence such as "no order yet: …". */
  | { readonly ok: false; readonly notBeforeMs: number; readonly why: string };

/** An order that was entered, and has to end with `succeed`, `fail` or `abandon`. */
export interface Attempt {
  readonly issuer: string;
  readonly order: PendingOrder;
}

export interface LedgerAbout {
  readonly store: LedgerStore;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly limits?: IssuerLimits;
}

const key = 'order-ledger';
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * Every order at every issuer, kept on disk, so that no restart, crash or mistake can make a storm of them: who must wait, how long,
 * and why. Limits and waits stand in issuer-limits.ts. An order is written down before it is made, and one whose end is not
 * written was lost in a crash and counts as failed. After the third failure in a row of a name the next order goes to
 * staging, and only when that went well to production again.
 *
 * The ledger has a time of its own, which only ever goes forward: with the monotonic clock while the process lives, and with the
 * wall clock from the last entry to the next start. So a clock that jumps neither frees a budget nor prolongs a wait. Between
 * two runs it cannot be told from time that passed: set back, it lets the ledger stand still, which errs on the side of
 * waiting; set forward, it ends the waits of that moment once, and what they were doubled from is still known.
 */
export class OrderLedger {
  readonly #about: LedgerAbout;
  readonly #limits: IssuerLimits;
  readonly #state: LedgerState;
  readonly #books = new Map<string, IssuerBook>();
  /** The ledger's time less the monotonic clock. */
  readonly #offsetMs: number;
  #unwritableUntilMs = 0;
  #written: Promise<unknown> = Promise.resolve();
  /** What was found wrong when it was opened, in a sentence; null = nothing. */
  readonly damage: string | null;

  /** @throws what the store throws: without its history nothing may be ordered. */
  static async open(about: LedgerAbout): Promise<OrderLedger> {
    return new OrderLedger(about, await about.store.get(key));
  }

  private constructor(about: LedgerAbout, text: unknown) {
    this.#about = about;
    this.#limits = about.limits ?? politeLimits;
    const read = text === undefined || text === null ? emptyState() : readLedger(text);
    this.#state = read ?? damagedState();
    this.damage =
      read === null
        ? 'The ledger of orders was damaged and begins anew: nothing is ordered for ten minutes, and for a week half as much as usual.'
        : null;
    const { clock } = about;
    const { timeMs, wallMs, isWallRight } = this.#state;
    const awayMs = isWallRight ? Math.max(0, clock.now() - wallMs) : 0;
    this.#offsetMs = timeMs + awayMs - clock.monotonic();
    for (const [issuer, page] of this.#state.issuers) {
      const book = this.#bookOf(issuer);
      for (const order of [...page.pending]) book.lose(order);
    }
  }

  /** Whether the order may be made now, and where. Asking costs nothing and promises nothing: see `begin`. */
  mayOrder(order: OrderRequest): OrderVerdict {
    const nowMs = this.#nowMs();
    const { page } = this.#bookOf(order.issuer);
    const limits = nowMs < this.#state.carefulUntilMs ? halvedLimits(this.#limits) : this.#limits;
    let longest: Hold = { untilMs: this.#state.quietUntilMs, why: 'the ledger of orders was damaged' };
    const unwritable = { untilMs: this.#unwritableUntilMs, why: 'the ledger of orders cannot be written' };
    for (const hold of [unwritable, ...orderHolds(page, order, { limits, nowMs })])
      if (hold.untilMs > longest.untilMs) longest = hold;
    if (longest.untilMs <= nowMs) return { ok: true, where: orderPlace(page, order) };
    return { ok: false, notBeforeMs: this.#about.clock.now() + longest.untilMs - nowMs, why: longest.why };
  }

  /**
   * Enters the order; it may be made once this resolves with an attempt.
   *
   * @throws what the store throws: an order that cannot be written down must not be made.
   */
  async begin(
    order: OrderRequest,
  ): Promise<{ readonly ok: true; readonly attempt: Attempt } | (OrderVerdict & { readonly ok: false })> {
    const verdict = this.mayOrder(order);
    if (!verdict.ok) return verdict;
    const book = this.#bookOf(order.issuer);
    const pending = book.begin(order, this.#nowMs());
    try {
      await this.#write();
    } catch (error) {
      book.undo(pending);
      this.#unwritableUntilMs = this.#nowMs() + minuteMs;
      throw error;
    }
    return { ok: true, attempt: { issuer: order.issuer, order: pending } };
  }

  /**
   * @param about `lifeMs` of the certificate, from its beginning to its end.
   * @throws what the store throws; the ledger knows it all the same, until the process ends.
   */
  async succeed({ issuer, order }: Attempt, about: { readonly lifeMs: number }): Promise<void> {
    this.#bookOf(issuer).succeed(order, { nowMs: this.#nowMs(), lifeMs: about.lifeMs });
    await this.#write();
  }

  /**
   * @param about `waitMsMax`: the longest wait of our own making, shorter where a certificate is about to end (renewal.ts).
   * @throws what the store throws; the ledger knows it all the same, until the process ends.
   */
  async fail(
    { issuer, order }: Attempt,
    failure: AcmeFailure,
    about: { readonly waitMsMax?: number } = {},
  ): Promise<void> {
    const nowMs = this.#nowMs();
    const { retryAfterMs } = failure;
    this.#bookOf(issuer).fail(order, failure, {
      nowMs,
      retryAfterMs: retryAfterMs === null ? 0 : Math.max(0, nowMs + retryAfterMs - this.#about.clock.now()),
      waitMsMax: about.waitMsMax ?? waitMs.order,
    });
    await this.#write();
  }

  /**
   * Ends an order that we gave up ourselves, since the process ends: the next one finishes it. It is nobody's fault, and nobody has to
   * wait for it.
   *
   * @throws what the store throws; the ledger knows it all the same, until the process ends.
   */
  async abandon({ issuer, order }: Attempt): Promise<void> {
    this.#bookOf(issuer).abandon(order);
    await this.#write();
  }

  /** Failed orders in a row, of the name that has most. */
  failures(names: readonly string[], issuer: string): number {
    const { page } = this.#bookOf(issuer);
    return Math.max(0, ...names.map((name) => page.names.get(name)?.failures ?? 0));
  }

  /** How often in a row the preflight held orders back, of the name for which it did most. */
  refusals(names: readonly string[], issuer: string): number {
    const { page } = this.#bookOf(issuer);
    return Math.max(0, ...names.map((name) => page.names.get(name)?.preflights ?? 0));
  }

  #bookOf(issuer: string): IssuerBook {
    let book = this.#books.get(issuer);
    if (book === undefined) {
      const page = this.#state.issuers.get(issuer) ?? emptyPage();
      this.#state.issuers.set(issuer, page);
      book = new IssuerBook(page, this.#about.random);
      this.#books.set(issuer, book);
    }
    return book;
  }

  #nowMs(): number {
    return Math.round(this.#offsetMs + this.#about.clock.monotonic());
  }

  /** One write after the other, so that no older state comes over a newer one. */
  #write(): Promise<unknown> {
    const write = () => {
      const nowMs = this.#nowMs();
      const wallMs = this.#about.clock.now();
      // Goes on by itself where the wall clock was set back: else the next start would count that time twice.
      const dueMs = this.#state.wallMs + nowMs - this.#state.timeMs;
      this.#state.isWallRight = wallMs >= dueMs;
      this.#state.wallMs = Math.max(dueMs, wallMs);
      this.#state.timeMs = nowMs;
      for (const page of this.#state.issuers.values()) prune(page, this.#limits, nowMs);
      return this.#about.store.set(key, ledgerText(this.#state));
    };
    this.#written = this.#written.then(write, write);
    return this.#written;
  }
}

function emptyState(): LedgerState {
  return { timeMs: 0, wallMs: 0, isWallRight: false, carefulUntilMs: 0, quietUntilMs: 0, issuers: new Map() };
}

function damagedState(): LedgerState {
  return { ...emptyState(), quietUntilMs: 10 * minuteMs, carefulUntilMs: 7 * dayMs };
}

function halvedLimits({ orders, domain, set, failures }: IssuerLimits): IssuerLimits {
  return { orders: halved(orders), domain: halved(domain), set: halved(set), failures: halved(failures) };
}
