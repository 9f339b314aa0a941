import { blameOf } from './blame.ts';
import type { AcmeFailure } from './failure.ts';
import { backOffMs, retryAfterMsMax, waitMs } from './issuer-limits.ts';
import { domainsOf, type IssuerPage, type NamePage, setKey } from './ledger-page.ts';
import { orderPlace } from './order-holds.ts';
import type { OrderRequest, PendingOrder } from './order-request.ts';

/** How orders at one issuer begin and end, on its page of the ledger. Times are the ledger's. */
export class IssuerBook {
  readonly page: IssuerPage;
  readonly #random: () => number;

  constructor(page: IssuerPage, random: () => number) {
    this.page = page;
    this.#random = random;
  }

  /** Enters an order before it is made. */
  begin(order: OrderRequest, atMs: number): PendingOrder {
    const { page } = this;
    const { names, purpose } = order;
    const where = orderPlace(page, order);
    const key = setKey(names);
    const set = page.sets.get(key);
    const isNew = set === undefined;
    const pending: PendingOrder = { names, where, rehearsal: purpose === 'rehearsal', isNew, atMs };
    page.pending.push(pending);
    if (where === 'staging') {
      page.stagingOrders.push(atMs);
      return pending;
    }
    page.orders.push(atMs);
    page.sets.set(key, { issued: [...(set?.issued ?? []), atMs], lifeMs: set?.lifeMs ?? 0 });
    if (isNew)
      for (const domain of domainsOf(names)) page.domains.set(domain, [...(page.domains.get(domain) ?? []), atMs]);
    return pending;
  }

  /** As if it had never begun. */
  undo(order: PendingOrder): void {
    this.#end(order);
    this.#unplace(order);
    this.#unissue(order);
  }

  /** @param lifeMs of the certificate. */
  succeed(order: PendingOrder, about: { readonly nowMs: number; readonly lifeMs: number }): void {
    const { page } = this;
    this.#end(order);
    if (order.rehearsal) return;
    page.failures = 0;
    const isProduction = order.where === 'production';
    const set = page.sets.get(setKey(order.names));
    if (isProduction && set !== undefined) set.lifeMs = about.lifeMs;
    for (const name of order.names) {
      const known = page.names.get(name);
      if (known === undefined) continue;
      known.proven = !isProduction;
      if (isProduction) known.failures = 0;
      known.preflights = 0;
      known.waitUntilMs = about.nowMs;
      known.usedMs = about.nowMs;
    }
  }

  /** @param about `retryAfterMs` 0 = the issuer said nothing; `waitMsMax` of our own back-off. */
  fail(
    order: PendingOrder,
    failure: AcmeFailure,
    about: { readonly nowMs: number; readonly retryAfterMs: number; readonly waitMsMax: number },
  ): void {
    const { page } = this;
    const blame = blameOf(failure, order.names);
    this.#end(order);
    if (!blame.ordered) this.#unplace(order);
    if (!blame.issued) this.#unissue(order);
    if (order.rehearsal) return;
    const { nowMs } = about;
    const retryAfterMs = Math.min(about.retryAfterMs, nowMs + retryAfterMsMax);
    if (blame.issuer) {
      page.failures++;
      page.waitUntilMs = nowMs + backOffMs(page.failures, { maxMs: waitMs.issuer, random: this.#random });
      page.retryAfterMs = Math.max(page.retryAfterMs, retryAfterMs);
    } else if (blame.ordered) page.failures = 0;
    for (const name of blame.names) {
      const known = this.#nameOf(name);
      known.retryAfterMs = Math.max(known.retryAfterMs, retryAfterMs);
      if (blame.ordered) this.#failed(known, { atMs: nowMs, waitMsMax: about.waitMsMax });
      else this.#unreached(known, nowMs);
    }
  }

  /** Whoever takes it up again counts its certificate. */
  abandon(order: PendingOrder): void {
    this.#end(order);
    this.#unissue(order);
  }

  /** An order of which nobody knows how it ended, since the process did first: it counts as one that failed. */
  lose(order: PendingOrder): void {
    this.#end(order);
    if (order.rehearsal) return;
    for (const name of order.names) this.#failed(this.#nameOf(name), { atMs: order.atMs, waitMsMax: waitMs.order });
  }

  #nameOf(name: string): NamePage {
    let known = this.page.names.get(name);
    if (known === undefined) {
      known = { failures: 0, preflights: 0, failedAt: [], waitUntilMs: 0, retryAfterMs: 0, proven: false, usedMs: 0 };
      this.page.names.set(name, known);
    }
    return known;
  }

  #failed(known: NamePage, about: { readonly atMs: number; readonly waitMsMax: number }): void {
    const maxMs = Math.min(about.waitMsMax, waitMs.order);
    known.failures++;
    known.failedAt.push(about.atMs);
    known.proven = false;
    known.waitUntilMs = about.atMs + backOffMs(known.failures, { maxMs, random: this.#random });
    known.usedMs = about.atMs;
  }

  #unreached(known: NamePage, atMs: number): void {
    known.preflights++;
    known.waitUntilMs = atMs + backOffMs(known.preflights, { maxMs: waitMs.preflight, random: this.#random });
    known.usedMs = atMs;
  }

  #end(order: PendingOrder): void {
    const index = this.page.pending.indexOf(order);
    if (index >= 0) this.page.pending.splice(index, 1);
  }

  #unplace({ where, atMs }: PendingOrder): void {
    remove(where === 'staging' ? this.page.stagingOrders : this.page.orders, atMs);
  }

  #unissue({ where, names, isNew, atMs }: PendingOrder): void {
    if (where === 'staging') return;
    const key = setKey(names);
    const set = this.page.sets.get(key);
    if (set !== undefined) {
      remove(set.issued, atMs);
      if (set.issued.length === 0) this.page.sets.delete(key);
    }
    if (isNew) for (const domain of domainsOf(names)) remove(this.page.domains.get(domain) ?? [], atMs);
  }
}

function remove(times: number[], atMs: number): void {
  const index = times.lastIndexOf(atMs);
  if (index >= 0) times.splice(index, 1);
}
