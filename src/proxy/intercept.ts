import type { ResponseHead } from '../http/head.ts';
import { builtInPage, type Page } from '../http/own-answer.ts';
import type { BodySink } from '../http/transport.ts';
import type { Journey } from './journey.ts';

/** Of the body that nobody sees; with more, its connection is given up. */
const unseenBytesMax = 64 * 1024;

/** What says how to go on, and to whom the answer is; all else is about a body that is not shown (as nginx's proxy_intercept_errors). */
const kept = new Set([
  ...['allow', 'retry-after', 'set-cookie', 'www-authenticate', 'vary', 'strict-transport-security'],
  ...['ratelimit', 'ratelimit-policy', 'cache-status', 'x-cache-status'],
]);

/**
 * `proxy.errors.intercept`: a page in the place of what the backend says.
 *
 * @param page null = the built-in one.
 * @param send gives a head to the client.
 */
export function sendPage(
  journey: Journey,
  { status, headers }: ResponseHead,
  page: Page | null,
  send: (head: ResponseHead) => BodySink,
): void {
  const { type, body } = page ?? backendsPage(journey, status);
  headers.filter((lower) => kept.has(lower) || lower.startsWith('access-control-'));
  headers.set('Cache-Control', 'no-store');
  headers.set('Content-Type', type);
  headers.set('Content-Length', String(body.length));
  // An answer to HEAD states the length that GET would have had, and has no body (RFC 9110 §9.3.2).
  const bodyLength = journey.method === 'HEAD' ? 0 : body.length;
  const sink = send({ status, reason: '', headers, bodyLength });
  if (bodyLength > 0) sink.write(body);
  sink.end();
}

function backendsPage({ requestId, accept }: Journey, status: number): Page {
  const words = { status, reason: 'backend', title: 'The site answered with an error', advice: '' };
  return builtInPage(words, { requestId, accept });
}

/** Where the body of an answer goes that a page is shown for. */
export class UnseenBody implements BodySink {
  onDrain = null;
  readonly #journey: Journey;
  #bytes = 0;
  #over = false;

  constructor(journey: Journey) {
    this.#journey = journey;
  }

  write(chunk: Uint8Array): boolean {
    this.#bytes += chunk.length;
    // Not in the midst of what the engine is doing.
    if (this.#bytes > unseenBytesMax) queueMicrotask(() => this.#giveUp());
    return true;
  }

  end(): void {
    this.#over = true;
  }

  abort(): void {
    this.#over = true;
  }

  #giveUp(): void {
    if (this.#over) return;
    this.#over = true;
    this.#journey.carrier?.close('aborted');
  }
}
