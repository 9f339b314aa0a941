import { tellBrowsers } from '../cache/browser-expiry.ts';
import type { CacheRequest } from '../cache/cache-request.ts';
import { placeOf, variantPlace } from '../cache/entry.ts';
import type { Found } from '../cache/http-cache.ts';
import { type Outcome, tellOutcome } from '../cache/outcome.ts';
import { type RequestTerms, readRequestTerms, reuseOf } from '../cache/reuse.ts';
import type { Stored } from '../cache/stored.ts';
import { storedAnswer } from '../cache/stored-answer.ts';
import type { Sending, StoredBody } from '../cache/stored-body.ts';
import { stalenessMs } from '../cache/terms.ts';
import { hasValidator } from '../cache/validation.ts';
import type { Reason } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';
import type { BodySink } from '../http/transport.ts';
import { answerFailure } from './answer.ts';
import type { CacheDesk } from './cache-desk.ts';
import { CacheFetch } from './cache-fetch.ts';
import { freshenByHead } from './cache-head.ts';
import type { FetchPlan, PassOn, Waiting } from './cache-waiting.ts';
import { sendResponse } from './forward.ts';
import { guarded } from './guarded.ts';
import { UnseenBody } from './intercept.ts';
import type { Carrier, Journey } from './journey.ts';
import type { LiveRoute } from './table-cell.ts';
import type { ProxyWorld } from './world.ts';

/** One request at the cache: answered from the store, from what another one fetches, or by a fetch of its own. */
export class CachePassage implements Carrier, Waiting {
  readonly request: CacheRequest;
  readonly #world: ProxyWorld;
  readonly #desk: CacheDesk;
  readonly #journey: Journey;
  readonly #live: LiveRoute;
  readonly #passOn: PassOn;
  readonly #terms: RequestTerms;
  #fetch: CacheFetch | null = null;
  #sending: Sending | null = null;
  #found: StoredBody[] = [];
  #hasWaited = false;
  /** When the store was last asked; null = it will not be asked again. */
  #turn: number | null = null;
  #hasLookedAgain = false;

  constructor(
    desk: CacheDesk,
    { world, journey, live }: { readonly world: ProxyWorld; readonly journey: Journey; readonly live: LiveRoute },
    request: CacheRequest,
    passOn: PassOn,
  ) {
    this.request = request;
    this.#world = world;
    this.#desk = desk;
    this.#journey = journey;
    this.#live = live;
    this.#passOn = passOn;
    this.#terms = readRequestTerms(request.headers);
  }

  start(): void {
    this.#turn = this.#hasLookedAgain ? null : this.#desk.turn(this.request.key);
    this.#find((found) => this.#decide(found));
  }

  close(how: 'complete' | 'aborted'): void {
    this.#sending?.stop();
    this.#fetch?.leave(this, how);
    for (const body of this.#found) body.release();
    this.#found = [];
  }

  /** What is found is held until the exchange has ended. */
  #find(then: (found: Found) => void): void {
    this.#desk.cache.find(this.request, (found) => {
      const body = found.entry?.body;
      if (this.#journey.ended) return body?.release();
      if (body !== undefined) this.#found.push(body);
      guarded(this.#world, this.#journey, () => then(found));
    });
  }

  #decide(found: Found): void {
    const { entry } = found;
    if (entry === null) return this.#ask(found);
    const nowMs = this.#world.now();
    const reuse = reuseOf(entry.stored, this.#terms, nowMs);
    switch (reuse) {
      case 'fresh': {
        const ttlSeconds = Math.floor(-stalenessMs(entry.stored, nowMs) / 1000);
        return this.serve(entry, { word: 'HIT', forwarded: null, ttlSeconds });
      }
      case 'stale':
      case 'updating': {
        const ttlSeconds = Math.floor(-stalenessMs(entry.stored, nowMs) / 1000);
        const isFetched = reuse === 'updating' && !this.#refresh(found);
        return this.serve(entry, { word: isFetched ? 'UPDATING' : 'STALE', forwarded: null, ttlSeconds });
      }
      case 'validate':
        return this.#ask(found);
      default:
        reuse satisfies never;
    }
  }

  /** The backend is to be asked, by this request or by one that does so already. */
  #ask(found: Found): void {
    const { entry } = found;
    if (this.#terms.onlyIfCached) return answerFailure(this.#world, this.#journey, 'not-cached');
    if (this.request.method === 'HEAD' || (this.request.headers.has('range') && !isValidated(found)))
      return this.#askAlone(found);
    const place = placeOf(this.request, entry ?? found.first);
    if (this.#desk.cache.isPassed(place)) return this.#begin(found, { place, open: false });
    this.#joinAt(place, found);
  }

  #joinAt(place: string, found: Found): void {
    const known = this.#desk.fetchAt(place);
    if (known === null) {
      switch (this.#hasWaited ? 'yes' : this.#desk.mayFetch(place, this.#turnAt(place))) {
        case 'yes':
          return this.#begin(found, { place, open: true });
        case 'theirs':
          return this.#waitFor(place);
        case 'late':
          this.#hasLookedAgain = true;
          return this.start();
      }
    }
    if (known.join(this)) {
      if (this.#sending === null) this.#fetch = known;
      return;
    }
    const names = known.varyNames;
    if (names === null || names.length === 0 || place !== this.request.key) this.#begin(found, { place, open: false });
    else this.#joinAt(variantPlace(this.request, '', names), found);
  }

  /** Variants have locks of their own, of which nothing was known when the store was asked. */
  #turnAt(place: string): number | null {
    return place === this.request.key ? this.#turn : null;
  }

  /** Another worker fetches it: what it has stored then is there for all. */
  #waitFor(place: string): void {
    this.#hasWaited = true;
    const again = (): void => {
      if (!this.#journey.ended) this.start();
    };
    this.#desk.theirFetch(place).then(again, again);
  }

  #begin(found: Found, where: Where): void {
    this.#fetch = this.#newFetch(found, where);
    this.#fetch.start(this);
  }

  #newFetch(found: Found, where: Where): CacheFetch {
    const { request } = this;
    const [world, desk, live, passOn, origin] = [this.#world, this.#desk, this.#live, this.#passOn, this.#journey];
    return new CacheFetch({ world, desk, live, passOn, origin, request, found, ...where });
  }

  /** @returns false where somebody does so already, or just has. */
  #refresh(found: Found): boolean {
    const place = placeOf(this.request, found.entry);
    if (this.#desk.fetchAt(place) !== null || this.#desk.mayFetch(place, this.#turnAt(place)) !== 'yes') return false;
    this.#newFetch(found, { place, open: true }).start(null);
    return true;
  }

  /** As it is, and for nobody else: a HEAD, or a part. */
  #askAlone(found: Found): void {
    const { entry, first } = found;
    const missing = first === null ? 'uri-miss' : 'vary-miss';
    const outcome: Outcome =
      entry === null ? { word: 'MISS', forwarded: missing } : { word: 'EXPIRED', forwarded: 'stale' };
    this.#journey.onHead = (head) => {
      if (entry !== null && this.request.method === 'HEAD')
        freshenByHead(this.#desk, this.request, entry, head, this.#world.now());
      this.#tell(head, outcome);
    };
    this.#passOn(this.#world, this.#journey, this.#live);
  }

  /** May come in a turn of its own, where nobody else would see a fault. */
  serve(answer: { readonly stored: Stored; readonly body: StoredBody }, outcome: Outcome, fetched?: Journey): void {
    if (!this.#journey.ended) guarded(this.#world, this.#journey, () => this.#send(answer, outcome, fetched));
  }

  #send(
    { stored, body }: { readonly stored: Stored; readonly body: StoredBody },
    outcome: Outcome,
    fetched?: Journey,
  ): void {
    const journey = this.#journey;
    if (fetched !== undefined) journey.tellFetched(fetched);
    const nowMs = this.#world.now();
    const { head, bytes } = storedAnswer(stored, body.bytes, this.request, nowMs);
    const { browserMs } = this.request.policy;
    if (browserMs !== null) tellBrowsers(head, browserMs, nowMs);
    this.#tell(head, outcome);
    journey.status = head.status;
    const sink = sendResponse(this.#world, journey, this.#live, head);
    // A page is shown for it.
    if (sink instanceof UnseenBody) return;
    if (bytes === null) sink.end();
    else this.#sending = body.send(sink, bytes.from, bytes.to);
  }

  relay(head: ResponseHead, outcome: Outcome, fetched: Journey): BodySink {
    this.#journey.tellFetched(fetched);
    this.#journey.status = head.status;
    this.#tell(head, outcome);
    return sendResponse(this.#world, this.#journey, this.#live, head);
  }

  inform(head: ResponseHead): void {
    this.#journey.exchange.inform(head);
  }

  fail(reason: Reason, fetched: Journey): void {
    this.#journey.tellFetched(fetched);
    if (!this.#journey.ended) answerFailure(this.#world, this.#journey, reason);
  }

  release(names: readonly string[] | null): void {
    this.#fetch = null;
    if (this.#journey.ended) return;
    this.#find((found) => {
      const { first } = found;
      if (names === null) this.#begin(found, { place: placeOf(this.request, first), open: false });
      else this.#joinAt(variantPlace(this.request, first?.generation ?? '', names), found);
    });
  }

  #tell(head: ResponseHead, outcome: Outcome): void {
    this.#journey.cacheWord = outcome.word;
    tellOutcome(head.headers, outcome);
  }
}

type Where = Pick<FetchPlan, 'place' | 'open'>;

/** A 304 would do, so that the part can be cut from what is stored. */
function isValidated({ entry }: Found): boolean {
  return entry !== null && hasValidator(entry.stored);
}
