import { createHash } from 'node:crypto';
import { registeredDomain } from '../registered-domain.ts';
import { type IssuerLimits, setLimit } from './issuer-limits.ts';
import type { PendingOrder } from './order-request.ts';

/** What is known of the orders at one issuer. All times are the ledger's own (see ledger.ts), in ms, ascending in lists. */
export interface IssuerPage {
  /** New orders in production, and at staging. */
  orders: number[];
  stagingOrders: number[];
  /** Times in a row that the issuer itself failed. */
  failures: number;
  waitUntilMs: number;
  retryAfterMs: number;
  readonly names: Map<string, NamePage>;
  /** By `setKey`. */
  readonly sets: Map<string, SetPage>;
  /** New certificates by registered domain. */
  readonly domains: Map<string, number[]>;
  readonly pending: PendingOrder[];
}

/** A name that failed lately. */
export interface NamePage {
  /** Orders in a row. */
  failures: number;
  /** Times in a row that it did not even reach us. */
  preflights: number;
  failedAt: number[];
  /** By our own back-off. */
  waitUntilMs: number;
  /** By the issuer's word. */
  retryAfterMs: number;
  /** It went well at staging since it failed. */
  proven: boolean;
  usedMs: number;
}

/** A set of names that was ordered. */
export interface SetPage {
  issued: number[];
  /** Of the last certificate; 0 = not known. */
  lifeMs: number;
}

export function emptyPage(): IssuerPage {
  return {
    ...{ orders: [], stagingOrders: [], failures: 0, waitUntilMs: 0, retryAfterMs: 0 },
    ...{ names: new Map(), sets: new Map(), domains: new Map(), pending: [] },
  };
}

/** Names, sets and domains that are remembered, each; while they are as many as that, nothing new is ordered. */
export const entriesMax = 20_000;

const dayMs = 86_400_000;

/** Sets are remembered for longer than certificates live, to tell a renewal from something new. */
const setKeptMs = 120 * dayMs;
const nameKeptMs = 7 * dayMs;

/** Forgets what no limit needs any more. */
export function prune(page: IssuerPage, limits: IssuerLimits, nowMs: number): void {
  page.orders = within(page.orders, nowMs, limits.orders.windowMs);
  page.stagingOrders = within(page.stagingOrders, nowMs, limits.orders.windowMs);
  for (const [name, one] of page.names) {
    one.failedAt = within(one.failedAt, nowMs, limits.failures.windowMs);
    const isIdle = one.failures + one.preflights === 0 && one.failedAt.length === 0;
    const waitsUntilMs = Math.max(one.waitUntilMs, one.retryAfterMs);
    const isOver = waitsUntilMs <= nowMs && (isIdle || Math.max(waitsUntilMs, one.usedMs) + nameKeptMs <= nowMs);
    if (isOver) page.names.delete(name);
  }
  for (const [domain, times] of page.domains) {
    const left = within(times, nowMs, limits.domain.windowMs);
    if (left.length === 0) page.domains.delete(domain);
    else page.domains.set(domain, left);
  }
  for (const [key, set] of page.sets) {
    const recent = within(set.issued, nowMs, setLimit(limits, set.lifeMs).windowMs);
    const lastMs = set.issued.at(-1) ?? 0;
    if (recent.length === 0 && (lastMs + setKeptMs <= nowMs || page.sets.size >= entriesMax)) page.sets.delete(key);
    else set.issued = recent.length === 0 ? [lastMs] : recent;
  }
}

function within(times: readonly number[], nowMs: number, windowMs: number): number[] {
  return times.filter((atMs) => atMs + windowMs > nowMs);
}

/** Names as issuers tell sets apart: whatever their order. */
export function setKey(names: readonly string[]): string {
  return createHash('sha256').update(names.toSorted().join('\n')).digest('base64url').slice(0, 22);
}

export function domainsOf(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(registeredDomain));
}
