import type { Peer } from '../upstream/peer.ts';
import type { Journey } from './journey.ts';
import { jsonText } from './json-text.ts';

/** Where finished lines, ASCII with a line feed, go; never waits, never throws. */
export type WriteLine = (line: string) => void;

/**
 * One line of JSON per request. Status 444 (nginx's word) = closed without an answer, 499 = the client left first.
 *
 * The lines are put together here and not by a serialiser, because at full speed that would cost as much as the rest of a
 * request; pino's destination takes them from here.
 */
export class AccessLog {
  readonly #write: WriteLine | null;
  readonly #now: () => number;
  #second = -1;
  #secondText = '';

  /**
   * @param write null switches the access log off.
   * @param now epoch ms.
   */
  constructor(write: WriteLine | null, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** @param nowMs monotonic, as in `journey.startedMs`. */
  write(journey: Journey, nowMs: number): void {
    if (this.#write === null) return;
    const mode = journey.live?.route.policy.accessLog ?? 'on';
    if (mode === 'off' || (mode === 'errors' && journey.status < 400)) return;
    if (typeof mode === 'number' && Math.random() >= mode) return;
    this.#write(`{"time":"${this.#time()}",${fields(journey, nowMs)}}\n`);
  }

  /** ISO 8601; the date is worked out once a second. */
  #time(): string {
    const ms = this.#now();
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = new Date(second * 1000).toISOString().slice(0, 20);
    }
    return `${this.#secondText}${String(ms - second * 1000).padStart(3, '0')}Z`;
  }
}

/** Ids, methods and reasons are made of characters that JSON takes as they are. */
function fields(journey: Journey, nowMs: number): string {
  const { peer, upstreamMs, waitMs, reason } = journey;
  const timing = `"totalMs":${rounded(nowMs - journey.startedMs)},"upstreamMs":${
    upstreamMs === null ? 'null' : rounded(upstreamMs)
  },"waitMs":${waitMs === 0 ? '0' : rounded(waitMs)}`;
  return `"requestId":"${journey.requestId}",${journey.requester.logged},"method":"${journey.method}","target":${jsonText(
    journey.target,
  )},"protocol":"HTTP/${journey.exchange.request.version}","status":${journey.status},"bytes":${
    journey.responseBytes
  },${timing},"route":${jsonText(journey.live?.route.id)},${peer === null ? noPeer : peerFields(peer)},"tries":${journey.tries},"cache":${journey.cacheWord === null ? 'null' : `"${journey.cacheWord}"`},"reason":${reason === null ? 'null' : `"${reason}"`},"userAgent":${jsonText(journey.userAgent)},"referer":${jsonText(journey.referer)}`;
}

const noPeer = '"container":null,"upstream":null';
/** A peer's part of a line never changes. */
const ofPeers = new WeakMap<Peer, string>();

function peerFields(peer: Peer): string {
  let text = ofPeers.get(peer);
  if (text === undefined) {
    text = `"container":${jsonText(peer.container)},"upstream":${jsonText(peer.shown)}`;
    ofPeers.set(peer, text);
  }
  return text;
}

const thousandths = Array.from({ length: 1000 }, (_, i) => `.${String(i).padStart(3, '0')}`);

/** To the microsecond; put together from parts, because printing a double costs more than all of this. */
function rounded(ms: number): string {
  const us = Math.round(ms * 1000);
  return `${Math.floor(us / 1000)}${thousandths[us % 1000]}`;
}
