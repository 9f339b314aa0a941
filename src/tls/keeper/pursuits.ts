import type { Timer } from '../../base/clock.ts';
import type { OrderPurpose } from '../acme/order-request.ts';
import { attempt, type Outcome, type Permit, permitOf } from './attempt.ts';
import { problemOf } from './certificate-problem.ts';
import type { AcmeWanted, HeldCertificate, KeeperTools } from './keeper-tools.ts';
import { Pursuit } from './pursuit.ts';

/** Orders under way at once; the others wait for their turn. */
const attemptsMax = 4;
/** The clock may jump, the machine may have slept, and issuers may want a certificate renewed early: looked at this often at least. */
const lookEveryMs = 10 * 60_000;
/** A certificate that could not be written is written again after this pause; it is served meanwhile. */
const writePauseMs = 60_000;

/**
 * The certificates that issuers sign: ordered when a route needs them, renewed before they end, each by a pursuit of its own
 * that fails alone. What the ledger says about when holds for all of them together.
 */
export class Pursuits {
  readonly #tools: KeeperTools;
  readonly #onChange: () => void;
  readonly #pursuits = new Map<string, Pursuit>();
  readonly #closing = new AbortController();
  #timer: Timer | null = null;

  /** @param onChange another certificate is to be shown, or something else to be told. */
  constructor(tools: KeeperTools, onChange: () => void) {
    this.#tools = tools;
    this.#onChange = onChange;
  }

  /** What is wanted from now on; what is no longer wanted is no longer pursued. */
  update(wanted: readonly { readonly one: AcmeWanted; readonly onDemand: boolean }[]): void {
    const ids = new Set(wanted.map(({ one }) => one.id));
    for (const [id, { under }] of this.#pursuits) {
      if (ids.has(id)) continue;
      under?.abort();
      this.#pursuits.delete(id);
    }
    for (const { one, onDemand } of wanted) {
      const known = this.#pursuits.get(one.id);
      if (known !== undefined) known.wanted = one;
      else this.#pursuits.set(one.id, this.#begin(new Pursuit(one, { onDemand })));
    }
    this.#look();
  }

  get(id: string): Pursuit | undefined {
    return this.#pursuits.get(id);
  }

  /** Whether an issuer may be asked now, and which; else when. */
  permit(pursuit: Pursuit, purpose: OrderPurpose): Permit {
    return permitOf(pursuit.wanted, this.#tools, purpose);
  }

  /** A person asks for it now: after no pause of our own making, and beside an attempt that is under way. */
  insist(pursuit: Pursuit): Promise<Outcome> {
    return this.#attempt(pursuit, 'asked');
  }

  /** The whole order at staging, without consequences. */
  rehearse({ wanted, held }: Pursuit): Promise<Outcome> {
    const { signal } = this.#closing;
    return attempt(wanted, this.#tools, { purpose: 'rehearsal', held, signal });
  }

  close(): void {
    this.#closing.abort();
    this.#timer?.cancel();
    for (const { under } of this.#pursuits.values()) under?.abort();
  }

  #begin(pursuit: Pursuit): Pursuit {
    // Of several that serve, the one that lasts longest: a wildcard that is held already spares an order.
    const nowMs = this.#tools.clock.now();
    const [best] = this.#tools.held
      .all()
      .filter((held) => held.certificate.notAfterMs > nowMs && pursuit.isServedBy(held))
      .sort((a, b) => b.certificate.notAfterMs - a.certificate.notAfterMs);
    if (best !== undefined) this.#take(pursuit, best);
    return pursuit;
  }

  #take(pursuit: Pursuit, held: HeldCertificate): void {
    pursuit.take(held);
    this.#askRenewal(pursuit, held);
  }

  #askRenewal(pursuit: Pursuit, held: HeldCertificate): void {
    pursuit.askedAtMs = this.#tools.clock.now();
    void this.#tools.renewalTime(held, this.#closing.signal).then((renewAtMs) => {
      if (pursuit.held !== held || this.#closing.signal.aborted) return;
      pursuit.renewAtMs = renewAtMs;
      this.#look();
    });
  }

  /** Begins what is due, as far as there is room, and sleeps until the next is. */
  #look(): void {
    if (this.#closing.signal.aborted) return;
    this.#timer?.cancel();
    const nowMs = this.#tools.clock.now();
    let nextMs = nowMs + lookEveryMs;
    let underWay = [...this.#pursuits.values()].filter(({ under }) => under !== null).length;
    for (const pursuit of this.#pursuits.values()) {
      if (pursuit.held !== null && nowMs - pursuit.askedAtMs >= lookEveryMs) this.#askRenewal(pursuit, pursuit.held);
      const dueMs = pursuit.dueMs();
      if (dueMs === null) continue;
      if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
      else if (underWay < attemptsMax) {
        underWay++;
        void this.#attempt(pursuit, pursuit.onDemand ? 'on-demand' : 'needed');
      }
    }
    this.#timer = this.#tools.clock.setTimeout(() => this.#look(), Math.max(1, nextMs - nowMs));
  }

  async #attempt(pursuit: Pursuit, purpose: OrderPurpose): Promise<Outcome> {
    const { wanted, held } = pursuit;
    const under = new AbortController();
    pursuit.under = under;
    this.#onChange();
    const { signal } = under;
    const outcome = await attempt(wanted, this.#tools, { purpose, held, signal }).catch(
      (error: unknown): Outcome => this.#wait(error),
    );
    if (pursuit.under === under) pursuit.under = null;
    if (signal.aborted) return outcome;
    this.#conclude(pursuit, outcome);
    this.#onChange();
    this.#look();
    return outcome;
  }

  /** The ledger cannot be written, so nothing is ordered: a full disk must not become a storm of orders. */
  #wait(error: unknown): Outcome {
    this.#tools.log.error({ err: error }, 'nothing is ordered, as it could not be written down');
    const why = `the data directory cannot be written: ${error instanceof Error ? error.message : error}`;
    return { kind: 'not-yet', notBeforeMs: this.#tools.clock.now() + writePauseMs, why };
  }

  #conclude(pursuit: Pursuit, outcome: Outcome): void {
    const { log, clock } = this.#tools;
    const { names } = pursuit.wanted;
    switch (outcome.kind) {
      case 'issued': {
        const { certificate, issuer } = outcome.held;
        this.#take(pursuit, outcome.held);
        this.#save(outcome);
        log.info({ names, issuer, notAfter: new Date(certificate.notAfterMs) }, 'certificate issued');
        break;
      }
      case 'failed': {
        const { failure, issuer, findings, nextAttemptMs } = outcome;
        pursuit.failures++;
        pursuit.notBeforeMs = nextAttemptMs;
        pursuit.pause = '';
        pursuit.problem = problemOf(failure, { issuer, names, findings, nowMs: clock.now() });
        const { cause, remedy, detail, type } = pursuit.problem;
        const nextAttempt = new Date(nextAttemptMs);
        log.warn(
          { names, issuer, type, detail, remedy, failures: pursuit.failures, nextAttempt },
          `no certificate for ${names[0]}: ${cause}`,
        );
        break;
      }
      case 'not-yet':
        pursuit.notBeforeMs = outcome.notBeforeMs;
        pursuit.pause = outcome.why;
        log.debug({ names, why: outcome.why }, 'a certificate has to wait');
        break;
      case 'would-be-issued':
        break;
      default:
        outcome satisfies never;
    }
  }

  /** A full disk must not cost the certificate that was just signed. */
  #save(issued: Extract<Outcome, { kind: 'issued' }>): void {
    const { held } = issued;
    try {
      this.#tools.held.save(held);
      issued.settle().catch((error: unknown) => {
        this.#tools.log.warn({ err: error }, 'a finished order could not be forgotten; it will be found again');
      });
    } catch (error) {
      const { names } = held.certificate;
      this.#tools.log.error({ names, err: error }, 'a certificate cannot be written; it is served from memory');
      const again = (): void => {
        if (!this.#closing.signal.aborted && this.#pursuits.get(held.wantedId)?.held === held) this.#save(issued);
      };
      this.#tools.clock.setTimeout(again, writePauseMs);
    }
  }
}
