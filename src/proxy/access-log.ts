import type { Logger } from 'pino';
import type { Journey } from './journey.ts';

/** One line per request, as JSON through pino. Status 444 (nginx's word) = closed without an answer, 499 = the client left first. */
export class AccessLog {
  readonly #log: Logger | null;

  /** @param log null switches the access log off. */
  constructor(log: Logger | null) {
    this.#log = log;
  }

  write(journey: Journey, nowMs: number): void {
    if (this.#log === null) return;
    const mode = journey.live?.route.policy.accessLog ?? 'on';
    if (mode === 'off' || (mode === 'errors' && journey.status < 400)) return;
    if (typeof mode === 'number' && Math.random() >= mode) return;
    this.#log.info({
      requestId: journey.requestId,
      client: journey.client.address,
      method: journey.method,
      scheme: journey.client.scheme,
      host: journey.client.host,
      target: journey.target,
      protocol: `HTTP/${journey.exchange.request.version}`,
      status: journey.status,
      bytes: journey.responseBytes,
      totalMs: rounded(nowMs - journey.startedMs),
      upstreamMs: journey.upstreamMs === null ? null : rounded(journey.upstreamMs),
      route: journey.live?.route.id ?? null,
      container: journey.peer?.container ?? null,
      upstream: journey.peer === null ? null : `${journey.peer.address.host}:${journey.peer.address.port}`,
      tries: journey.tries,
      reason: journey.reason,
      userAgent: journey.userAgent,
      referer: journey.referer,
    });
  }
}

/** Microseconds are enough. */
function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
