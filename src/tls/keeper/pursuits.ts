import type { Timer } from '../../base/clock.ts';
import type { OrderPurpose } from '../acme/order-request.ts';
import { issuersFor } from '../issuers-for.ts';
import { attempt, type Outcome, type Permit, permitOf } from './attempt.ts';
import { CertificateSaver, type IssuedCertificate } from './certificate-saver.ts';
import { conclude } from './conclude.ts';
import type { HeldIndex } from './held-index.ts';
import type { AcmeWanted, HeldCertificate, KeeperTools } from './keeper-tools.ts';
import { Lanes } from './lanes.ts';
import { inTurn } from './order-turns.ts';
import { Pursuit } from './pursuit.ts';
import { Rehearsals } from './rehearsals.ts';
import { serves } from './serves.ts';

/** Orders under way at once; the others wait for their turn. Where a person or a handshake waits, a few more may begin. */
const attemptsMax = { usual: 4, urgent: 8 };
/** Issuers asked about renewal at once. */
const asksMax = 4;
/** The clock may jump, the machine may have slept, and issuers may want a certificate renewed early: looked at this often at least. */
const lookEveryMs = 10 * 60_000;
/** What was just signed is not renewed at once, whatever the clock and the issuer say. */
const freshMsMax = 60 * 60_000;
const freshShare = 0.05;
/** Whoever lends a certificate renews it; with so much of its life left it has not, and the borrower orders its own. */
const lentShare = 0.05;
const unwrittenTellMs = 60 * 60_000;

/**
 * The certificates that issuers sign: ordered when a route needs them, renewed before they end, each by a pursuit of its own
 * that fails alone. What the ledger says about when holds for all of them together.
 */
export class Pursuits {
  readonly #tools: KeeperTools;
  readonly #index: HeldIndex;
  readonly #onChange: () => void;
  readonly #pursuits = new Map<string, Pursuit>();
  /** Nothing wants these any more, but their orders are spent: they go on to their end, so that their routes may come back. */
  readonly #leaving = new Map<string, Pursuit>();
  readonly #saver: CertificateSaver;
  readonly #asks = new Lanes(asksMax);
  readonly #rehearsals: Rehearsals;
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #timer: Timer | null = null;
  #wakeMs = Number.POSITIVE_INFINITY;
  #quietUntilMs = Number.NEGATIVE_INFINITY;

  /** @param onChange another certificate is to be shown, or something else to be told. */
  constructor(tools: KeeperTools, about: { readonly index: HeldIndex; readonly onChange: () => void }) {
    this.#tools = tools;
    this.#index = about.index;
    this.#onChange = about.onChange;
    this.#saver = new CertificateSaver(tools);
    this.#rehearsals = new Rehearsals(tools, this.#closing.signal);
  }

  /** What is wanted from now on; what is no longer wanted is no longer pursued. */
  update(wanted: readonly { readonly one: AcmeWanted; readonly onDemand: boolean }[]): void {
    const ids = new Set(wanted.map(({ one }) => one.id));
    for (const id of this.#pursuits.keys()) if (!ids.has(id)) this.drop(id);
    for (const { one, onDemand } of wanted) this.#want(one, onDemand);
    this.#look();
  }

  /** One more, beside those of `update`. */
  add(one: AcmeWanted): void {
    this.#want(one, true);
    this.#wakeBy(this.#tools.clock.now());
  }

  /** Another proxy has had a certificate issued. One that is about to be ordered here is found by that. */
  offer(held: HeldCertificate): void {
    const pursuit = this.#pursuits.get(held.wantedId);
    if (pursuit === undefined || pursuit.under !== null) return;
    if (held.certificate.notAfterMs <= (pursuit.held?.certificate.notAfterMs ?? 0)) return;
    if (!serves(held, pursuit.wanted, this.#tools.issuers)) return;
    this.#keep(pursuit, { held, settle: nothingToSettle });
    conclude(pursuit, { kind: 'found', held }, this.#tools);
    this.#onChange();
  }

  drop(id: string): void {
    const pursuit = this.#pursuits.get(id);
    this.#pursuits.delete(id);
    if (pursuit?.under) this.#leaving.set(id, pursuit);
  }

  get(id: string): Pursuit | undefined {
    return this.#pursuits.get(id);
  }

  all(): Iterable<Pursuit> {
    return this.#pursuits.values();
  }

  /** When the next attempt is due, epoch ms; null while one is under way. */
  dueMs(pursuit: Pursuit): number | null {
    if (pursuit.under !== null) return null;
    if (pursuit.insisted) return 0;
    if (pursuit.held === null) return pursuit.notBeforeMs;
    return Math.max(this.#isLent(pursuit) ? lentUntilMs(pursuit.held) : pursuit.renewAtMs, pursuit.notBeforeMs);
  }

  /** Whether an issuer may be asked now, and which; else when. */
  permit(pursuit: Pursuit, purpose: OrderPurpose): Permit {
    return permitOf(pursuit.wanted, this.#tools, purpose);
  }

  /** A person asks for it now: after no pause of our own making, as soon as there is room. */
  insist(pursuit: Pursuit): void {
    pursuit.insisted = true;
    this.#wakeBy(this.#tools.clock.now());
  }

  /** The whole order at staging, without consequences. */
  rehearse(pursuit: Pursuit): Promise<Outcome> {
    return this.#rehearsals.run(pursuit);
  }

  /** Gives up what is under way; resolves once that is written down. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer?.cancel();
    this.#saver.close();
    await Promise.all(this.#running);
  }

  #want(one: AcmeWanted, onDemand: boolean): void {
    const known = this.#pursuits.get(one.id) ?? this.#leaving.get(one.id);
    if (known === undefined) return this.#begin(new Pursuit(one, { onDemand }));
    this.#leaving.delete(one.id);
    this.#pursuits.set(one.id, known);
    // Whoever allows other challenges need not wait: only the ledger's word counts.
    if (known.wanted.source.challenges.join() !== one.source.challenges.join()) known.notBeforeMs = 0;
    known.wanted = one;
    known.onDemand = onDemand;
  }

  #begin(pursuit: Pursuit): void {
    const { issuers, ledger } = this.#tools;
    const { wanted } = pursuit;
    this.#pursuits.set(wanted.id, pursuit);
    const failures = issuersFor(wanted, issuers).map(({ name }) => ledger.failures(wanted.names, name));
    pursuit.failures = Math.max(0, ...failures);
    const best = this.#index.bestFor(wanted, issuers);
    if (best !== null) this.#take(pursuit, best);
  }

  #take(pursuit: Pursuit, held: HeldCertificate): void {
    pursuit.take(held);
    void this.#askRenewal(pursuit);
  }

  #isLent({ held, borrows }: Pursuit): boolean {
    return borrows && held !== null && this.#pursuits.has(held.wantedId);
  }

  /** Never rejects. */
  async #askRenewal(pursuit: Pursuit): Promise<void> {
    if (pursuit.asking) return;
    pursuit.asking = true;
    const { clock, log, renewalTime } = this.#tools;
    try {
      await this.#asks.run(async () => {
        const { held } = pursuit;
        if (held === null || this.#closing.signal.aborted || this.#pursuits.get(pursuit.wanted.id) !== pursuit) return;
        const renewAtMs = await renewalTime(held, this.#closing.signal);
        if (pursuit.held !== held) return;
        pursuit.askedAtMs = clock.now();
        pursuit.renewAtMs = renewAtMs;
      });
    } catch (error) {
      pursuit.askedAtMs = clock.now();
      log.error({ names: pursuit.wanted.names, err: error }, 'nobody knows when a certificate is to be renewed');
    }
    pursuit.asking = false;
    if (this.#pursuits.get(pursuit.wanted.id) !== pursuit) return;
    // 0 = it holds another one since.
    const dueMs = pursuit.askedAtMs === 0 ? clock.now() : this.dueMs(pursuit);
    if (dueMs !== null) this.#wakeBy(dueMs);
  }

  #wakeBy(atMs: number): void {
    if (this.#closing.signal.aborted || atMs >= this.#wakeMs) return;
    const { clock } = this.#tools;
    this.#timer?.cancel();
    this.#wakeMs = atMs;
    this.#timer = clock.setTimeout(() => this.#look(), Math.max(1, atMs - clock.now()));
  }

  /** Begins what is due, as far as there is room, and sleeps until the next is. */
  #look(): void {
    if (this.#closing.signal.aborted) return;
    const { clock } = this.#tools;
    const nowMs = clock.now();
    let nextMs = nowMs + lookEveryMs;
    let underWay = this.#leaving.size;
    const due: Pursuit[] = [];
    for (const pursuit of this.#pursuits.values()) {
      if (pursuit.under !== null) underWay++;
      if (pursuit.held !== null && Math.abs(nowMs - pursuit.askedAtMs) >= lookEveryMs) void this.#askRenewal(pursuit);
      const dueMs = this.dueMs(pursuit);
      if (dueMs === null) continue;
      if (dueMs <= nowMs) due.push(pursuit);
      else nextMs = Math.min(nextMs, dueMs);
    }
    for (const pursuit of due.sort((a, b) => urgency(b) - urgency(a))) {
      if (underWay >= (isUrgent(pursuit) ? attemptsMax.urgent : attemptsMax.usual)) break;
      if (this.#findsBetter(pursuit)) continue;
      underWay++;
      this.#start(pursuit);
    }
    this.#wakeMs = Number.POSITIVE_INFINITY;
    this.#wakeBy(nextMs);
  }

  /** Another certificate that serves has come meanwhile: no order is needed. */
  #findsBetter(pursuit: Pursuit): boolean {
    const better = pursuit.insisted ? null : this.#index.bestFor(pursuit.wanted, this.#tools.issuers);
    if (better === null || better.certificate.notAfterMs <= (pursuit.held?.certificate.notAfterMs ?? 0)) return false;
    this.#take(pursuit, better);
    this.#onChange();
    return true;
  }

  #start(pursuit: Pursuit): void {
    const purpose = pursuit.insisted ? 'asked' : pursuit.onDemand ? 'on-demand' : 'needed';
    pursuit.insisted = false;
    const run = this.#run(pursuit, purpose);
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  /** Never rejects. */
  async #run(pursuit: Pursuit, purpose: OrderPurpose): Promise<void> {
    const { wanted, held } = pursuit;
    const under = { issuer: '' };
    pursuit.under = under;
    this.#onChange();
    const outcome = await inTurn(this.#tools.turns, { wanted, held, insisted: purpose === 'asked' }, () =>
      attempt(wanted, this.#tools, {
        ...{ purpose, held, signal: this.#closing.signal },
        isWanted: () => this.#pursuits.get(wanted.id) === pursuit,
        at: (issuer) => {
          under.issuer = issuer;
        },
      }),
    );
    pursuit.under = null;
    if (this.#leaving.get(wanted.id) === pursuit) this.#leaving.delete(wanted.id);
    if (outcome.kind === 'issued') this.#keep(pursuit, outcome);
    if (outcome.kind === 'found') this.#keep(pursuit, { ...outcome, settle: nothingToSettle });
    if (outcome.kind === 'not-yet' && outcome.unwritten !== undefined) this.#tellUnwritten(outcome.unwritten);
    conclude(pursuit, outcome, this.#tools);
    this.#onChange();
    this.#look();
  }

  /** Now and then: every pursuit finds the same, every minute. */
  #tellUnwritten(error: unknown): void {
    const nowMs = this.#tools.clock.monotonic();
    if (nowMs < this.#quietUntilMs) return;
    this.#quietUntilMs = nowMs + unwrittenTellMs;
    this.#tools.log.error({ err: error }, 'nothing is ordered, as it could not be written down');
  }

  #keep(pursuit: Pursuit, issued: IssuedCertificate): void {
    const { held } = issued;
    const lifeMs = held.certificate.notAfterMs - held.certificate.notBeforeMs;
    this.#index.put(held);
    this.#saver.save(issued);
    this.#take(pursuit, held);
    pursuit.notBeforeMs = this.#tools.clock.now() + Math.min(freshMsMax, lifeMs * freshShare);
    for (const other of this.#pursuits.values())
      if (other.under === null && this.#isBetter(held, other)) this.#take(other, held);
  }

  /** For a pursuit without any, and for one that borrows the certificate in whose place it comes. */
  #isBetter(held: HeldCertificate, { wanted, ...other }: Pick<Pursuit, 'wanted' | 'held'>): boolean {
    const isWaiting = other.held === null || (other.held !== held && other.held.wantedId === held.wantedId);
    return isWaiting && serves(held, wanted, this.#tools.issuers);
  }
}

const nothingToSettle = async (): Promise<void> => {};

function lentUntilMs({ certificate: { notBeforeMs, notAfterMs } }: HeldCertificate): number {
  return notAfterMs - (notAfterMs - notBeforeMs) * lentShare;
}

/** Somebody waits for it. */
function isUrgent({ insisted, onDemand, held }: Pursuit): boolean {
  return insisted || (onDemand && held === null);
}

function urgency(pursuit: Pursuit): number {
  if (isUrgent(pursuit)) return 2;
  return pursuit.held === null ? 1 : 0;
}
