import type { Journey } from './journey.ts';

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

function fields(journey: Journey, nowMs: number): string {
  const { client, peer, upstreamMs } = journey;
  const route = journey.live?.route.id;
  return `"requestId":${quoted(journey.requestId)},"client":${quoted(client.address)},"method":${quoted(journey.method)},"scheme":"${
    client.scheme
  }","host":${quoted(client.host)},"target":${quoted(journey.target)},"protocol":"HTTP/${
    journey.exchange.request.version
  }","status":${journey.status},"bytes":${journey.responseBytes},"totalMs":${rounded(
    nowMs - journey.startedMs,
  )},"upstreamMs":${upstreamMs === null ? 'null' : rounded(upstreamMs)},"route":${quoted(route)},"container":${quoted(
    peer?.container,
  )},"upstream":${quoted(peer?.shown)},"tries":${journey.tries},"reason":${quoted(journey.reason)},"userAgent":${quoted(
    journey.userAgent,
  )},"referer":${quoted(journey.referer)}`;
}

/** Anything but plain ASCII without quotes and backslashes, which JSON writes as it is. */
const needsEscape = /[^ !#-[\]-~]/;

function quoted(text: string | null | undefined): string {
  if (text === null || text === undefined) return 'null';
  return needsEscape.test(text) ? escaped(text) : `"${text}"`;
}

/** Everything beyond ASCII becomes `\\u1234`: what a client sent is never more than text to a terminal. */
function escaped(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Microseconds are enough. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
