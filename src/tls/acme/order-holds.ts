import { halved, type IssuerLimits, type Limit, nextFitMs, setLimit } from './issuer-limits.ts';
import { domainsOf, entriesMax, type IssuerPage, setKey } from './ledger-page.ts';
import type { OrderRequest, PendingOrder } from './order-request.ts';

/** What an order has to wait for. */
export interface Hold {
  readonly untilMs: number;
  /** In words, as the end of "no order yet: …". */
  readonly why: string;
}

export interface HoldTerms {
  readonly nowMs: number;
  readonly limits: IssuerLimits;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const pendingMax = 100;

/** Everything that the order has to wait for, in the past too. */
export function* orderHolds(page: IssuerPage, order: OrderRequest, terms: HoldTerms): Iterable<Hold> {
  const { limits, nowMs } = terms;
  const { issuer, names, purpose } = order;
  const soonMs = nowMs + minuteMs;
  if (page.pending.length >= pendingMax) yield { untilMs: soonMs, why: `${pendingMax} orders are under way` };
  const busy = names.find((name) => page.pending.some((one) => one.names.includes(name)));
  if (busy !== undefined) yield { untilMs: soonMs, why: `another order for ${busy} is under way` };
  const where = orderPlace(page, order);
  const budget = shareOf(limits.orders, order);
  yield {
    untilMs: nextFitMs(where === 'staging' ? page.stagingOrders : page.orders, budget),
    why: `our own budget for ${issuer}: ${budget.countMax} orders in 3 hours`,
  };
  if (purpose === 'rehearsal') return;

  if (purpose !== 'asked') yield { untilMs: page.waitUntilMs, why: `${issuer} failed, and is tried again then` };
  yield { untilMs: page.retryAfterMs, why: `${issuer} asked us to wait` };
  if (page.failures > 0 && page.pending.length > 0)
    yield { untilMs: soonMs, why: `one order tries first whether ${issuer} works again` };
  for (const name of names) yield* nameHolds(page, name, order, limits);
  if (where === 'production') yield* certificateHolds(page, order, terms);
}

/** Failed orders in a row after which the next goes to staging. */
const failuresBeforeStaging = 3;

export function orderPlace(page: IssuerPage, { names, hasStaging, purpose }: OrderRequest): PendingOrder['where'] {
  if (purpose === 'rehearsal') return 'staging';
  const isDoubtful = names.some((name) => {
    const known = page.names.get(name);
    return known !== undefined && known.failures >= failuresBeforeStaging && !known.proven;
  });
  return hasStaging && isDoubtful ? 'staging' : 'production';
}

function* nameHolds(page: IssuerPage, name: string, { purpose }: OrderRequest, limits: IssuerLimits): Iterable<Hold> {
  const known = page.names.get(name);
  if (known === undefined) return;
  const times = known.failures === 1 ? 'once' : `${known.failures} times in a row`;
  const why = known.failures > 0 ? `${name} failed ${times}` : `${name} does not reach us yet`;
  if (purpose !== 'asked') yield { untilMs: known.waitUntilMs, why };
  yield { untilMs: known.retryAfterMs, why: `the issuer asked us to wait with ${name}` };
  yield {
    untilMs: nextFitMs(known.failedAt, limits.failures),
    why: `${name} failed ${limits.failures.countMax} times in an hour`,
  };
}

function* certificateHolds(page: IssuerPage, order: OrderRequest, { limits, nowMs }: HoldTerms): Iterable<Hold> {
  const set = page.sets.get(setKey(order.names));
  if (set !== undefined) {
    const limit = setLimit(limits, set.lifeMs);
    const why = `our own budget: ${limit.countMax} certificates for the same names`;
    yield { untilMs: nextFitMs(set.issued, limit), why };
    return;
  }
  const limit = shareOf(limits.domain, order);
  for (const domain of domainsOf(order.names)) {
    const why = `our own budget for ${domain}: ${limit.countMax} new certificates in 7 days`;
    yield { untilMs: nextFitMs(page.domains.get(domain) ?? [], limit), why };
  }
  const isFull = [page.names, page.sets, page.domains].some(({ size }) => size >= entriesMax);
  if (isFull) yield { untilMs: nowMs + dayMs, why: 'more names were ordered lately than the ledger can remember' };
}

function shareOf(limit: Limit, { purpose }: OrderRequest): Limit {
  return purpose === 'on-demand' ? halved(limit) : limit;
}
