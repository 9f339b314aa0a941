import type { Reason } from '../http/failure.ts';
import {
  bytesAnswer,
  type FailureVariant,
  failureAnswer,
  noContentAnswer,
  type OwnAnswer,
  type Page,
  redirectAnswer,
} from '../http/own-answer.ts';
import { fillTemplate } from '../http/request-template.ts';
import type { StepAnswer } from '../steps/step-answer.ts';
import { secureLocation } from './entrance.ts';
import { withFound } from './error-pages.ts';
import type { Journey } from './journey.ts';
import type { ProxyWorld } from './world.ts';

/** Answers a request with a failure of the table, unless an answer has begun already. */
export function answerFailure(world: ProxyWorld, journey: Journey, reason: Reason, variant: FailureVariant = {}): void {
  journey.reason = reason;
  const about = { requestId: journey.requestId, accept: journey.accept, nowMs: world.now() };
  const answer = failureAnswer(reason, about, variant);
  const { status } = answer.head;
  const page = journey.live?.errors?.find(world, journey, { status, by: reason }) ?? null;
  // Decided, also while the page is still fetched: nobody else answers then.
  journey.status = status;
  withFound(world, journey, page, (found) => send(journey, withPage(answer, found)));
}

/** The same answer, told by another page. */
function withPage({ head, body }: OwnAnswer, page: Page | null): OwnAnswer {
  if (page === null) return { head, body };
  head.headers.set('Content-Type', page.type);
  head.headers.set('Content-Length', String(page.body.length));
  head.bodyLength = page.body.length;
  return { head, body: page.body };
}

/** Answers with what a step has in the place of the backend. */
export function answerStep(world: ProxyWorld, journey: Journey, answer: StepAnswer): void {
  switch (answer.kind) {
    case 'failure':
      answerFailure(world, journey, answer.reason, answer);
      break;
    case 'answer':
      journey.reason = answer.reason;
      answer.head.headers.set('X-Request-Id', journey.requestId);
      send(journey, answer);
      break;
    case 'no-content':
      send(journey, noContentAnswer({ requestId: journey.requestId, nowMs: world.now() }));
      break;
    default:
      answer satisfies never;
  }
}

/** No answer at all: what an unknown host gets by default, so that scanners learn nothing. */
export function closeWithoutAnswer(journey: Journey, reason: Reason): void {
  journey.reason = reason;
  journey.status = 444;
  journey.exchange.destroy();
}

export function answerRedirect(
  world: ProxyWorld,
  journey: Journey,
  redirect: { status: number; location: string },
): void {
  const { target, client } = journey;
  const location = fillTemplate(redirect.location, { host: client.host, target, scheme: client.scheme });
  send(journey, redirectAnswer(redirect.status, location, { requestId: journey.requestId, nowMs: world.now() }));
}

/** From port 80 to HTTPS: 301 for GET and HEAD, and 308, which keeps method and body, for all others. */
export function answerSecureRedirect(world: ProxyWorld, journey: Journey): void {
  const { method, requestId } = journey;
  const location = secureLocation(journey, world.certificates.httpsPort);
  const status = method === 'GET' || method === 'HEAD' ? 301 : 308;
  send(journey, redirectAnswer(status, location, { requestId, nowMs: world.now() }));
}

/** What an issuer came to read (RFC 8555 §8.3). */
export function answerChallenge(world: ProxyWorld, journey: Journey, keyAuthorization: string): void {
  const { requestId } = journey;
  send(journey, bytesAnswer(Buffer.from(keyAuthorization), { requestId, nowMs: world.now() }));
}

function send(journey: Journey, { head, body }: OwnAnswer): void {
  const { exchange, live } = journey;
  if (live !== null) {
    for (const step of live.steps.response) step.response(journey, head);
  }
  journey.status = head.status;
  // An answer to HEAD states the length that GET would have had, and has no body (RFC 9110 §9.3.2).
  const bodiless = journey.method === 'HEAD';
  if (bodiless) head.bodyLength = 0;
  const sink = exchange.respond(head);
  if (!bodiless && body.length > 0) {
    journey.responseBytes += body.length;
    sink.write(body);
  }
  sink.end();
}
