import assert from 'node:assert/strict';
import type { AcmeFailure } from '../../../src/tls/acme/failure.ts';
import type { IssuerLimits } from '../../../src/tls/acme/issuer-limits.ts';
import { type Attempt, OrderLedger, type OrderVerdict } from '../../../src/tls/acme/ledger.ts';
import type { OrderRequest } from '../../../src/tls/acme/order-request.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

/** A ledger on a disk, with clocks that can be set: whoever uses it may crash, and the wall clock may be wrong. */
export class LedgerDesk {
  /** True time, which nobody in the process sees. */
  trueMs = 1_800_000_000_000;
  /** How far the wall clock is off. */
  wallErrorMs = 0;
  disk: string | undefined;
  diskIsFull = false;
  random = 0;
  readonly #limits: IssuerLimits | undefined;
  #startedMs = this.trueMs;
  #ledger: OrderLedger | null = null;

  constructor(limits?: IssuerLimits) {
    this.#limits = limits;
  }

  get ledger(): OrderLedger {
    assert.ok(this.#ledger, 'start it first');
    return this.#ledger;
  }

  /** A new process, on what is on the disk. */
  async start(): Promise<OrderLedger> {
    this.#startedMs = this.trueMs;
    const startedMs = this.#startedMs;
    this.#ledger = await OrderLedger.open({
      store: {
        get: async () => this.disk,
        set: async (_, value) => {
          if (this.diskIsFull) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          this.disk = value;
        },
      },
      clock: { now: () => this.trueMs + this.wallErrorMs, monotonic: () => this.trueMs - startedMs },
      random: () => this.random,
      ...(this.#limits === undefined ? {} : { limits: this.#limits }),
    });
    return this.#ledger;
  }

  wait(ms: number): void {
    this.trueMs += ms;
  }

  async begin(order: OrderRequest): Promise<Attempt> {
    const begun = await this.ledger.begin(order);
    assert.ok(begun.ok, begun.ok ? '' : begun.why);
    return begun.attempt;
  }

  /** How long the order has to wait, in ms; 0 = not at all. */
  waitOf(order: OrderRequest): number {
    const verdict = this.ledger.mayOrder(order);
    return verdict.ok ? 0 : verdict.notBeforeMs - (this.trueMs + this.wallErrorMs);
  }

  /** Waits as long as it is told and lets the order fail. */
  async failNext(order: OrderRequest, failure: AcmeFailure, about: { waitMsMax?: number } = {}): Promise<string> {
    this.wait(this.waitOf(order));
    const attempt = await this.begin(order);
    await this.ledger.fail(attempt, failure, about);
    return attempt.order.where;
  }

  async succeedNext(order: OrderRequest, lifeMs = 90 * day): Promise<string> {
    this.wait(this.waitOf(order));
    const attempt = await this.begin(order);
    await this.ledger.succeed(attempt, { lifeMs });
    return attempt.order.where;
  }
}

export function order(names: string, about: Partial<OrderRequest> = {}): OrderRequest {
  return { names: names.split(' '), issuer: 'default', hasStaging: true, purpose: 'needed', ...about };
}

export function whyNot(verdict: OrderVerdict): string {
  return verdict.ok ? '' : verdict.why;
}
