import type { ProxyFailure, Reason } from '../http/failure.ts';
import type { RequestHead } from '../http/head.ts';
import type { Carried } from '../upstream/carried-list.ts';
import { isYoung } from '../upstream/outlook.ts';
import type { Peer } from '../upstream/peer.ts';
import { doubtMs, Refusal } from '../upstream/refusal.ts';
import { answerFailure } from './answer.ts';
import type { AttemptSpans } from './attempt-span.ts';
import { choosePeer, nobody } from './choose-peer.ts';
import { Hold } from './hold.ts';
import type { Carrier, Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Before one that broke off is asked once more where there is no other. */
const pauseMs = 100;

/**
 * A request on its way through one backend after the other, until one answers or there is nobody left to ask. How it is sent and
 * what comes back differs between requests and upgrades; whom it goes to, how often, and what is counted does not.
 */
export abstract class Attempt implements Carrier, Carried {
  carriedAt = 0;
  protected readonly world: ProxyWorld;
  protected readonly journey: Journey;
  protected readonly head: RequestHead;
  /** The client's body has begun to flow to a backend and cannot be had again. */
  protected bodyTaken = false;
  /** null = nothing is recorded. */
  readonly #spans: AttemptSpans | null;
  #live: LiveRoute;
  #peer: Peer | null = null;
  /** Made when one has failed: most requests need none. */
  #tried: Set<Peer> | null = null;
  #hold: Hold | null = null;
  #retries = 0;
  #startedMs = 0;

  constructor(world: ProxyWorld, journey: Journey, live: LiveRoute) {
    this.world = world;
    this.journey = journey;
    this.head = journey.exchange.request;
    this.#live = live;
    this.#spans = world.tracer?.attempts(journey) ?? null;
  }

  /** Sends the request. */
  protected abstract ask(peer: Peer): void;
  /** Nobody wants an answer to what was sent any more. */
  protected abstract abandon(): void;
  abstract sever(): void;

  start(peer: Peer): void {
    const claimed = this.#claim(peer);
    if (typeof claimed === 'string') return this.wait(claimed);
    this.#send(claimed);
    this.#live.budget.request(this.#startedMs);
  }

  /** Nobody can take it at the moment. */
  wait(reason: Reason): void {
    const hold = new Hold(this.world, this.journey, {
      again: () => this.#again(true, 'no-backend'),
      giveUp: (why) => answerFailure(this.world, this.journey, why),
      pauseUntilMs: 0,
      doubtUntilMs: 0,
    });
    if (hold.enter(reason)) this.#hold = hold;
    else answerFailure(this.world, this.journey, reason);
  }

  /** The exchange has ended, one way or the other. */
  close(how: 'complete' | 'aborted'): void {
    if (how === 'aborted') {
      this.abandon();
      this.#spans?.failed(this.journey.reason ?? 'client-aborted');
    }
    this.#hold?.close();
    this.release();
  }

  protected get live(): LiveRoute {
    return this.#live;
  }

  protected get peer(): Peer | null {
    return this.#peer;
  }

  /** The connection stands. */
  protected connected(): void {
    const peer = this.#peer;
    if (peer === null || peer.refusal === null) return;
    peer.refusal = null;
    this.world.peers.mayBeAvailable();
  }

  /** A head has come, and is the answer. */
  protected answered(status: number): void {
    this.journey.upstreamMs = this.world.monotonic() - this.#startedMs;
    this.journey.status = status;
    this.#spans?.answered(status);
    this.#peer?.succeed();
  }

  /** Counts the request out. */
  protected release(): void {
    const peer = this.#peer;
    if (peer === null) return;
    this.#peer = null;
    this.#spans?.end();
    peer.end();
    peer.carried.delete(this);
    if (this.#live.route.policy.requestsMax !== null) this.world.peers.mayBeAvailable();
  }

  /** The peer did not answer. */
  protected failed(failure: ProxyFailure): void {
    const peer = this.#peer;
    if (peer === null) return;
    if (failure.source === 'backend') this.#blame(peer, failure);
    this.#tried ??= new Set();
    this.#tried.add(peer);
    this.#spans?.failed(failure.reason);
    this.release();
    const why = this.#repeatable(failure) ? this.#elsewhere(failure, peer) : failure.reason;
    if (why !== null) answerFailure(this.world, this.journey, why);
  }

  /**
   * The peer answered with a status that is worth another try (`proxy.retries.on`).
   *
   * @returns whether another is being asked; the answer goes through where there is none.
   */
  protected retried(status: number): boolean {
    const { retryStatuses } = this.#live.route.policy;
    if (retryStatuses.length === 0 || !retryStatuses.includes(status)) return false;
    if (this.bodyTaken || !idempotentMethods.has(this.head.method)) return false;
    this.#tried ??= new Set();
    this.#tried.add(this.#peer as Peer);
    const next = this.#choose();
    if (typeof next === 'string' || !this.#mayRetry()) return false;
    const claimed = this.#claim(next);
    if (typeof claimed === 'string') return false;
    this.abandon();
    this.#spans?.answered(status);
    this.#peer?.succeed();
    this.release();
    this.#send(claimed);
    return true;
  }

  #choose(): Peer | Reason {
    return choosePeer(this.world, this.journey, this.#tried ?? nobody);
  }

  /** Counts the request in there, or with another one where another worker's has just taken the last place (`proxy.maxconn`). */
  #claim(peer: Peer): Peer | Reason {
    let next: Peer | Reason = peer;
    while (typeof next !== 'string' && !next.begin(this.#live.route.policy.requestsMax)) next = this.#choose();
    return next;
  }

  /** @param peer claimed. */
  #send(peer: Peer): void {
    const nowMs = this.world.monotonic();
    this.#peer = peer;
    this.journey.peer = peer;
    this.journey.tries++;
    if (this.journey.tries > 1) this.#live.counters.retried();
    peer.carried.add(this);
    peer.refusal?.asked(nowMs);
    this.#startedMs = nowMs;
    this.#spans?.begin({ peer, startedMs: nowMs, resends: this.journey.tries - 1 });
    this.ask(peer);
  }

  /** That one which has just been started refuses connections is no failure. */
  #blame(peer: Peer, failure: ProxyFailure): void {
    const { waitMs } = this.#live.route.policy;
    const refused = failure.reason === 'backend-refused';
    if (!refused || !isYoung(peer, { nowMs: this.world.now(), waitMs })) peer.fail();
    if (!refused) return;
    const nowMs = this.world.monotonic();
    if (peer.refusal === null) peer.refusal = new Refusal(nowMs);
    else peer.refusal.again(nowMs);
  }

  #repeatable(failure: ProxyFailure): boolean {
    if (this.bodyTaken) return false;
    return failure.retry === 'always' || (failure.retry === 'idempotent' && idempotentMethods.has(this.head.method));
  }

  /** Takes one of the request's retries, and of the route's budget. */
  #mayRetry(): boolean {
    if (this.#retries >= this.#live.route.policy.retries) return false;
    if (!this.#live.budget.take(this.world.monotonic())) return false;
    this.#retries++;
    return true;
  }

  /** @returns why it goes nowhere; null = it does, now or later. */
  #elsewhere(failure: ProxyFailure, failedBy: Peer): Reason | null {
    if (!this.#refresh()) return failure.reason;
    const next = this.#choose();
    if (typeof next === 'string') return this.#later(next, failure, failedBy);
    if (!this.#mayRetry()) return failure.reason;
    const claimed = this.#claim(next);
    if (typeof claimed === 'string') return this.#later(claimed, failure, failedBy);
    this.#send(claimed);
    return null;
  }

  /** There is nobody else at the moment. Where nothing was sent it may wait as any request may; else that is one of its retries. */
  #later(reason: Reason, failure: ProxyFailure, failedBy: Peer): Reason | null {
    const nothingSent = failure.retry === 'always';
    if (!nothingSent && this.#retries >= this.#live.route.policy.retries) return failure.reason;
    const nowMs = this.world.monotonic();
    const answerFor = (why: Reason): Reason => {
      if (why === 'backend-starting' || why === 'backend-busy') return why;
      return failedBy.up ? failure.reason : why;
    };
    const hold = new Hold(this.world, this.journey, {
      again: () => this.#again(nothingSent, failure.reason),
      giveUp: (why) => answerFailure(this.world, this.journey, answerFor(why)),
      pauseUntilMs: nothingSent ? 0 : nowMs + pauseMs,
      doubtUntilMs: nothingSent ? 0 : nowMs + doubtMs,
    });
    if (!hold.enter(reason)) return answerFor(reason);
    this.#hold = hold;
    return null;
  }

  /**
   * As `HoldPlan.again`.
   *
   * @param otherwise what is answered where it may go nowhere any more.
   */
  #again(nothingSent: boolean, otherwise: Reason): Reason | null {
    if (this.#refresh()) {
      // Time has passed: whoever has failed it may do better now.
      this.#tried?.clear();
      const next = this.#choose();
      if (typeof next === 'string') return next;
      if (nothingSent || this.#mayRetry()) {
        const claimed = this.#claim(next);
        if (typeof claimed === 'string') return claimed;
        this.#hold = null;
        this.#send(claimed);
        if (this.journey.tries === 1) this.#live.budget.request(this.#startedMs);
        return null;
      }
    }
    answerFailure(this.world, this.journey, otherwise);
    return null;
  }

  /**
   * Goes by the table of now: those that it named when the request came may all have left.
   *
   * @returns false where the request was prepared by rules that hold no more.
   */
  #refresh(): boolean {
    const live = this.world.cell.current(this.#live, this.journey);
    if (live === null) return false;
    this.#live = live;
    this.journey.live = live;
    return true;
  }
}
