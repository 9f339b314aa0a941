import { answers, type Entry } from '../cache/entry.ts';
import type { Outcome } from '../cache/outcome.ts';
import { Recording } from '../cache/recording.ts';
import { mayStandIn } from '../cache/reuse.ts';
import { asFetched, type Stored, toStored } from '../cache/stored.ts';
import type { StoredBody } from '../cache/stored-body.ts';
import { keepingOf, type NotKept, type Times } from '../cache/storing.ts';
import { askForWhole, hasValidator, updatedHead } from '../cache/validation.ts';
import { ProxyFailure, type Reason } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import type { BodySink } from '../http/transport.ts';
import type { FetchPlan, Waiting } from './cache-waiting.ts';
import { FetchExchange } from './fetch-exchange.ts';
import { inTurns } from './in-turns.ts';
import { Journey } from './journey.ts';

/** A status that says nothing about the page (RFC 5861 §4). */
const failures = new Set([500, 502, 503, 504]);
/** A longer body is not waited for by those who cannot read along. */
const awaitedBytesMax = 256 * 1024;
/** Requests that are answered before others have their turn: some milliseconds. */
const waitingPerTurn = 128;
/** Of an answer that nobody wants, before its connection is given up. */
const unwantedBytesMax = 64 * 1024;

/** One request to a backend for all who want the same at that moment. */
export class CacheFetch {
  /** What it asks for has been changed since: nothing of it is kept. */
  outdated = false;
  readonly #plan: FetchPlan;
  readonly #journey: Journey;
  readonly #stale: Entry | null;
  /** In the order in which they came; the first is the one that it is made for, unless that has left. */
  readonly #waiting = new Set<Waiting>();
  #first: Waiting | null = null;
  readonly #requestMs: number;
  #shared: { readonly stored: Stored; readonly recording: Recording } | null = null;
  #relayed = false;
  #keeping = false;
  #answered = false;

  constructor(plan: FetchPlan) {
    this.#plan = plan;
    this.#stale = plan.found.entry;
    this.#stale?.body.retain();
    this.#requestMs = plan.world.now();
    const { exchange, requester, requestId } = plan.origin;
    const { request, client } = exchange;
    const headers = request.headers.clone();
    const validated = this.#stale !== null && hasValidator(this.#stale.stored) ? this.#stale.stored : null;
    if (plan.open || validated !== null) askForWhole(headers, validated);
    const { method, target, version, authority } = request;
    const head = { method, target, version, authority, headers, bodyLength: 0, upgrade: null };
    const own = new FetchExchange(head, client, {
      respond: (answer) => this.#respond(answer),
      inform: (interim) => this.#first?.inform(interim),
      destroy: () => this.#shared?.recording.abort(new ProxyFailure('proxy-error', { source: 'proxy' })),
    });
    this.#journey = new Journey(own, requester, requestId, plan.world.monotonic());
    this.#journey.host = plan.origin.host;
    this.#journey.path = plan.origin.path;
    this.#journey.query = plan.origin.query;
    this.#journey.isInner = true;
    this.#journey.mayBeHeld = this.#stale === null || !mayStandIn(this.#stale.stored, this.#requestMs);
    this.#journey.live = plan.live;
    this.#journey.trace = plan.origin.trace;
  }

  /** @param first null = nobody waits: a stale answer has been given, and this is for the next. */
  start(first: Waiting | null): void {
    const { world, live, passOn, desk, place, open } = this.#plan;
    if (first !== null) this.#waiting.add(first);
    this.#first = first;
    if (open) desk.begin(place, this);
    passOn(world, this.#journey, live);
  }

  /** @returns false where the answer that already comes is not for this request, or cannot be read along any more. */
  join(waiting: Waiting): boolean {
    const shared = this.#shared;
    if (shared === null) {
      if (this.#answered) return false;
      this.#waiting.add(waiting);
      return true;
    }
    if (!shared.recording.isWhole || !answers(shared.stored, waiting.request)) return false;
    waiting.serve(
      { stored: shared.stored, body: shared.recording },
      { ...this.#newOutcome(), word: 'HIT', collapsed: true },
    );
    return true;
  }

  /** The names of Vary by which the answer that comes is for some; null while it is not known. */
  get varyNames(): readonly string[] | null {
    return this.#shared?.stored.selection.map(([name]) => name) ?? null;
  }

  /** One of them has gone, or got its answer. */
  leave(waiting: Waiting, how: 'complete' | 'aborted'): void {
    const wasWaiting = this.#waiting.delete(waiting);
    if (this.#relayed && waiting === this.#first) {
      // The client has its answer, a page, but what that stands for still comes and is too much.
      if (this.#journey.ended && how === 'aborted') this.#journey.carrier?.close(how);
      this.#over(how);
    } else if (wasWaiting && this.#waiting.size === 0 && !this.#answered) this.#over('aborted');
  }

  #respond(head: ResponseHead): BodySink {
    this.#answered = true;
    const { reason } = this.#journey;
    if (reason !== null) {
      this.#fail(reason);
      return this.#unwanted();
    }
    const times = { requestMs: this.#requestMs, responseMs: this.#plan.world.now() };
    const stale = this.#stale;
    if (stale !== null && head.status === 304 && hasValidator(stale.stored)) return this.#validated(stale, head, times);
    if (stale !== null && failures.has(head.status) && this.#standIn(stale, head.status)) return this.#unwanted();
    return this.#fresh(head, times);
  }

  #validated(stale: Entry, head: ResponseHead, times: Times): BodySink {
    const { request, desk } = this.#plan;
    const updated = updatedHead(stale.stored, head);
    const keeping = keepingOf({ ...request, method: 'GET' }, updated, request.policy, times);
    if (typeof keeping === 'string') {
      void desk.cache.update(stale, null);
      // Not to be kept any more, it is still the answer to the one that it was fetched for.
      const stored = asFetched({ ...stale.stored, ...times }, updated);
      this.#shareNone((first) =>
        first.serve({ stored, body: stale.body }, { ...revalidated, why: keeping }, this.#journey),
      );
      return this.#unwanted();
    }
    const fresh = toStored({ ...request, ...stale.stored, headers: request.headers }, updated, keeping, times);
    const stored = { ...fresh, selection: stale.stored.selection };
    this.#keptBy(desk.cache.update(stale, this.outdated ? null : stored));
    this.#shareAll(
      { stored, body: stale.body },
      (isFirst) => (isFirst ? revalidated : { ...revalidated, word: 'HIT', collapsed: true }),
      asFetched(stored, updated),
    );
    return this.#unwanted();
  }

  #standIn(stale: Entry, backendStatus: number | null): boolean {
    if (!mayStandIn(stale.stored, this.#plan.world.now())) return false;
    this.#shareAll(stale, (isFirst) => ({
      word: 'STALE',
      forwarded: 'stale',
      collapsed: !isFirst,
      ...(backendStatus === null ? {} : { backendStatus }),
    }));
    return true;
  }

  #fresh(head: ResponseHead, times: Times): BodySink {
    const { request, desk, place } = this.#plan;
    const bytesMax = Math.min(request.policy.bodyBytesMax ?? Number.POSITIVE_INFINITY, desk.cache.bodyBytesMax);
    const keeping = this.outdated ? 'purged' : keepingOf(request, head, request.policy, times);
    if (typeof keeping === 'string') return this.#relay(head, keeping);
    if (head.bodyLength !== null && head.bodyLength > bytesMax) return this.#relay(head, 'too-large');
    const stored = toStored(request, head, keeping, times);
    const recording = desk.cache.record(head.bodyLength, {
      bytesMax,
      events: {
        onEnd: (recorded) => {
          if (this.outdated) desk.cache.drop(recorded);
          else this.#keptBy(desk.cache.keep(request, stored, recorded, this.#plan.found.first));
          this.#over('complete');
        },
        onFailure: () => this.#over('complete'),
        // Not in the midst of what the engine is doing.
        onDeserted: () => queueMicrotask(() => this.#over('aborted')),
      },
    });
    this.#shared = { stored, recording };
    // Other workers cannot read along: they do not wait for what takes long.
    if (head.bodyLength === null || head.bodyLength > awaitedBytesMax) desk.unlock(place);
    desk.cache.unpass(place);
    const outcome = this.#newOutcome();
    this.#shareAll(
      { stored, body: recording },
      (isFirst) => (isFirst ? outcome : { ...outcome, word: 'HIT', collapsed: true }),
      asFetched(stored, head),
    );
    return recording;
  }

  #newOutcome(): Outcome {
    const { first } = this.#plan.found;
    if (this.#stale !== null) return { word: 'EXPIRED', forwarded: 'stale', stored: true };
    return { word: 'MISS', forwarded: first === null ? 'uri-miss' : 'vary-miss', stored: true };
  }

  /** To all whom it is for; the others go on by themselves. */
  #shareAll(
    answer: { readonly stored: Stored; readonly body: StoredBody },
    outcome: (isFirst: boolean) => Outcome,
    first = answer.stored,
  ): void {
    const names = answer.stored.selection.map(([name]) => name);
    const { body } = answer;
    const isLost = (): boolean => body instanceof Recording && !body.isWhole;
    body.retain();
    inTurns(
      this.#take(),
      waitingPerTurn,
      (waiting) => {
        const isFirst = waiting === this.#first;
        if (isFirst) waiting.serve({ ...answer, stored: first }, outcome(true), this.#journey);
        else if (!answers(answer.stored, waiting.request)) waiting.release(names);
        else if (isLost()) waiting.release(null);
        else waiting.serve(answer, outcome(false));
      },
      () => body.release(),
    );
  }

  #relay(head: ResponseHead, why: NotKept): BodySink {
    const { desk, place } = this.#plan;
    if (!this.outdated) desk.cache.pass(place);
    if (this.#plan.open) desk.unlock(place);
    const { word, forwarded } = this.#newOutcome();
    const relayed = this.#shareNone((first) => first.relay(head, { word, forwarded, why }, this.#journey));
    this.#relayed = relayed !== null;
    return relayed ?? this.#unwanted();
  }

  /** To the one that it was fetched for, if it is still there; the others go on by themselves. */
  #shareNone<T>(give: (first: Waiting) => T): T | null {
    const all = this.#take();
    const first = all.find((waiting) => waiting === this.#first);
    const given = first === undefined ? null : give(first);
    for (const waiting of all) if (waiting !== first) waiting.release(null);
    return given;
  }

  #fail(reason: Reason): void {
    if (this.#stale !== null && this.#standIn(this.#stale, null)) return;
    this.#shareNone((first) => first.fail(reason, this.#journey));
  }

  /** All who wait, once; whoever comes now does not find this fetch unless its answer is shared. */
  #take(): readonly Waiting[] {
    const all = [...this.#waiting];
    this.#waiting.clear();
    const { desk, place } = this.#plan;
    if (this.#shared === null) desk.end(place, this);
    return all;
  }

  /** Other workers find it from then on. */
  #keptBy(keeping: Promise<void>): void {
    this.#keeping = true;
    const { desk, place } = this.#plan;
    const unlock = (): void => desk.unlock(place);
    keeping.then(unlock, unlock);
  }

  #over(how: 'complete' | 'aborted'): void {
    if (this.#journey.ended) return;
    this.#journey.ended = true;
    const { desk, place } = this.#plan;
    desk.end(place, this);
    if (this.#plan.open && !this.#keeping) desk.unlock(place);
    this.#stale?.body.release();
    this.#journey.carrier?.close(how);
  }

  /** What comes is dropped, and the connection with it where there is much of it. */
  #unwanted(): BodySink {
    let bytes = 0;
    return {
      onDrain: null,
      write: (chunk) => {
        bytes += chunk.length;
        if (bytes > unwantedBytesMax) queueMicrotask(() => this.#over('aborted'));
        return true;
      },
      end: () => this.#over('complete'),
      abort: () => this.#over('complete'),
    };
  }
}

const revalidated: Outcome = { word: 'REVALIDATED', forwarded: 'stale', backendStatus: 304 };
