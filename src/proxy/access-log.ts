import type { LogFormat } from '../labels/options.ts';
import type { Peer } from '../upstream/peer.ts';
import type { Journey } from './journey.ts';
import { jsonText } from './json-text.ts';
import { redacted } from './log-redaction.ts';
import { combinedLine, proxyLine, timeLocal } from './nginx-line.ts';

/** Where finished lines, ASCII with a line feed, go; never waits, never throws. */
export interface LogLines {
  /** null = only routes with a file of their own have a log. */
  readonly write: ((line: string) => void) | null;
  /** Into the file of this name, which a label has chosen. */
  writeTo(file: string, line: string): void;
}

/**
 * One line per request. Status 444 (nginx's word) = closed without an answer, 499 = the client left first.
 *
 * The lines are put together here and not by a serialiser, because at full speed that would cost as much as the rest of a
 * request.
 */
export class AccessLog {
  readonly #lines: LogLines;
  readonly #now: () => number;
  readonly #format: LogFormat;
  #second = -1;
  #isoSecond = '';
  #localSecond = '';

  /**
   * @param now epoch ms.
   * @param format of requests whose route has none of its own.
   */
  constructor(lines: LogLines, now: () => number, format: LogFormat = 'json') {
    this.#lines = lines;
    this.#now = now;
    this.#format = format;
  }

  /** @param nowMs monotonic, as in `journey.startedMs`. */
  write(journey: Journey, nowMs: number): void {
    const policy = journey.live?.route.policy;
    const file = policy?.logFile ?? null;
    const { write } = this.#lines;
    if (write === null && file === null) return;
    const mode = policy?.accessLog ?? 'on';
    if (mode === 'off' || (mode === 'errors' && journey.status < 400)) return;
    if (typeof mode === 'number' && Math.random() >= mode) return;
    const line = this.#line(policy?.logFormat ?? this.#format, journey, nowMs);
    if (file !== null) this.#lines.writeTo(file, line);
    else write?.(line);
  }

  #line(format: LogFormat, journey: Journey, nowMs: number): string {
    const ms = this.#now();
    const second = Math.floor(ms / 1000);
    if (second !== this.#second) this.#begin(second);
    switch (format) {
      case 'json':
        return `{"time":"${this.#isoSecond}${String(ms - second * 1000).padStart(3, '0')}Z",${fields(journey, nowMs)}}\n`;
      case 'combined':
        return `${combinedLine(journey, this.#localSecond)}\n`;
      case 'proxy':
        return `${proxyLine(journey, this.#localSecond)}\n`;
      default:
        return format satisfies never;
    }
  }

  /** Dates are worked out once a second. */
  #begin(second: number): void {
    this.#second = second;
    this.#isoSecond = new Date(second * 1000).toISOString().slice(0, 20);
    this.#localSecond = timeLocal(second);
  }
}

/** Ids, methods and reasons are made of characters that JSON takes as they are. */
function fields(journey: Journey, nowMs: number): string {
  const { peer, upstreamMs, waitMs, reason, limit, user, trace } = journey;
  const timing = `"totalMs":${rounded(nowMs - journey.startedMs)},"upstreamMs":${
    upstreamMs === null ? 'null' : rounded(upstreamMs)
  },"waitMs":${waitMs === 0 ? '0' : rounded(waitMs)}`;
  return `"requestId":"${journey.requestId}",${journey.requester.logged},"method":"${journey.method}","target":${jsonText(
    redacted(journey.target),
  )},"protocol":"HTTP/${journey.exchange.request.version}","status":${journey.status},"bytes":${
    journey.responseBytes
  },${timing},"route":${jsonText(journey.live?.route.id)},${peer === null ? noPeer : peerFields(peer)},"tries":${journey.tries},"cache":${journey.cacheWord === null ? 'null' : `"${journey.cacheWord}"`},"reason":${reason === null ? 'null' : `"${reason}"`},"userAgent":${jsonText(journey.userAgent)},"referer":${
    journey.referer === undefined ? 'null' : jsonText(redacted(journey.referer))
  }${user === null && limit === null ? nobodyAsked : `,"user":${jsonText(user)},"limit":${jsonText(limit)}`}${trace === null ? '' : `,"traceId":"${trace.traceId}"`}`;
}

const nobodyAsked = ',"user":null,"limit":null';
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
