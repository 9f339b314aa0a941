import { systemClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import { AcmeAccounts } from '../../../src/tls/acme/acme-accounts.ts';
import type { AcmeStore } from '../../../src/tls/acme/acme-store.ts';
import type { ChallengeAnswer, ChallengeBoard, DnsRecords } from '../../../src/tls/acme/challenge.ts';
import { AcmeFailure } from '../../../src/tls/acme/failure.ts';
import type { IssuedCertificate } from '../../../src/tls/acme/finish-order.ts';
import type { Issuer } from '../../../src/tls/acme/issuer.ts';
import { type OrderAbout, type OrderWish, runOrder } from '../../../src/tls/acme/order.ts';
import { defaultOrderLimits, type OrderLimits } from '../../../src/tls/acme/order-limits.ts';

/** Short pauses, and patience that a test can outwait. */
export const quickLimits: OrderLimits = { ...defaultOrderLimits, pauseMsFirst: 5, pauseMsMax: 50 };

/** What orders stand on, all in memory. */
export class OrderWorld {
  readonly issuer: Issuer;
  /** What would be on disk. */
  readonly kept: Map<string, string>;
  readonly store: AcmeStore = {
    get: async (key) => this.kept.get(key),
    set: async (key, value) => this.kept.set(key, value),
    delete: async (key) => this.kept.delete(key),
  };
  readonly accounts = new AcmeAccounts(this.store);
  readonly board = new TestBoard();
  readonly lines: string[] = [];
  readonly log = createLog({ level: 'info', format: 'json', write: (line) => this.lines.push(line) });

  constructor(issuer: Partial<Issuer> & Pick<Issuer, 'directoryUrl'>, kept = new Map<string, string>()) {
    this.kept = kept;
    this.issuer = {
      ...{ name: 'default', stagingUrl: null, email: 'admin@example.com', caPem: null },
      ...{ eab: null, profile: null, dns: null },
      ...issuer,
    };
  }

  order(names: readonly string[], more: Partial<OrderWish & OrderAbout> = {}): Promise<IssuedCertificate> {
    const { issuer = this.issuer, challenges = [], replaces = null, ...about } = more;
    const { accounts, store, board, log } = this;
    const signal = new AbortController().signal;
    const all = { accounts, store, board, log, signal, dns: null, clock: systemClock, limits: quickLimits };
    return runOrder({ issuer, names, challenges, replaces }, { ...all, ...about });
  }
}

/** Shows answers to nobody but the test. */
export class TestBoard implements ChallengeBoard {
  readonly shown: ChallengeAnswer[] = [];
  /** As many as were ever shown. */
  shows = 0;

  async show(answer: ChallengeAnswer): Promise<{ remove(): void }> {
    this.shows += 1;
    this.shown.push(answer);
    return { remove: () => void this.shown.splice(this.shown.indexOf(answer), 1) };
  }
}

/** TXT records in memory. */
export class TestRecords implements DnsRecords {
  readonly set: { name: string; value: string }[] = [];
  readonly #together: number;
  readonly #all = Promise.withResolvers<void>();

  /** @param together so many are waited for until any counts as told. */
  constructor({ together = 1 } = {}) {
    this.#together = together;
  }

  async add(name: string, value: string): Promise<{ remove(): Promise<void> }> {
    const record = { name, value };
    this.set.push(record);
    if (this.set.length >= this.#together) this.#all.resolve();
    await this.#all.promise;
    return { remove: async () => void this.set.splice(this.set.indexOf(record), 1) };
  }
}

/** The failure of an order that must not bring a certificate. */
export async function failureOf(order: Promise<unknown>): Promise<AcmeFailure> {
  const error = await order.then(
    () => new Error('the order succeeded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof AcmeFailure)) throw error;
  return error;
}
