import type { Reason } from '../http/failure.ts';
import { requestId } from '../http/request-id.ts';
import { readTarget } from '../http/target.ts';
import type { Exchange, ExchangeHandler } from '../http/transport.ts';
import { isTunnelProtocol } from '../http/tunnel-protocol.ts';
import { admit } from './admission.ts';
import { answerChallenge, answerFailure, answerRedirect, answerSecureRedirect, closeWithoutAnswer } from './answer.ts';
import type { Attempt } from './attempt.ts';
import { choosePeer, nobody } from './choose-peer.ts';
import { consultCache } from './consult-cache.ts';
import { challengeToken, entranceOf } from './entrance.ts';
import { Forward } from './forward.ts';
import { guarded } from './guarded.ts';
import { Hold } from './hold.ts';
import { Journey } from './journey.ts';
import { toOutgoing } from './outgoing.ts';
import { requesterOf } from './requester.ts';
import { slowFromMs } from './slow-request.ts';
import type { LiveRoute } from './table-cell.ts';
import { Upgrade } from './upgrade.ts';
import type { ProxyWorld } from './world.ts';

/** The proxy as an engine sees it: a handler of exchanges. */
export function proxyHandler(world: ProxyWorld): ExchangeHandler {
  return (exchange) => {
    const journey = begin(world, exchange);
    guarded(world, journey, handle);
  };
}

/** The life of a request: read, then match, refuse or redirect, find a backend, prepare, pass on; or wait for a backend, and match again. */
function handle(world: ProxyWorld, journey: Journey): void {
  const { exchange } = journey;
  const { request } = exchange;
  const { authority } = journey.requester;
  const target = readTarget(request.target);
  if (authority === null || target === null) return answerFailure(world, journey, 'bad-request');

  journey.host = authority.host;
  journey.path = target.normalised;
  journey.query = target.query;
  const { tls } = exchange.client;
  if (tls === undefined) {
    const token = challengeToken(journey.path);
    const proof = token === null ? null : world.certificates.keyAuthorization(journey.host, token);
    if (proof !== null) return answerChallenge(world, journey, proof);
  } else if (!tls.identity.covers(journey.host)) return answerFailure(world, journey, 'misdirected');
  serve(world, journey, hold);
}

/** @param otherwise is told why nobody can take the request now. */
function serve(
  world: ProxyWorld,
  journey: Journey,
  otherwise: (world: ProxyWorld, journey: Journey, reason: Reason) => void,
): void {
  const live = world.cell.match(journey);
  if (live === 'host-unknown') return answerUnknownHost(world, journey);
  if (typeof live === 'string') return answerFailure(world, journey, live);

  journey.live = live;
  const { serving, policy } = live.route;
  if (serving.kind === 'refuse') return answerFailure(world, journey, serving.reason);
  const entrance = entranceOf(journey, policy, world.certificates);
  if (entrance === 'refuse') return answerFailure(world, journey, 'https-required');
  if (entrance === 'redirect') return answerSecureRedirect(world, journey);

  const { steps } = live;
  if (steps.request.length > 0 || serving.kind === 'redirect' || live.caching !== null) {
    toOutgoing(journey);
    admit(world, journey, live, enter);
    return;
  }
  // Before anything is done to the head, because a request that is held is matched anew when it goes on.
  const peer = choosePeer(world, journey, nobody);
  if (typeof peer === 'string') return otherwise(world, journey, peer);
  toOutgoing(journey);
  begun(world, journey, live)?.start(peer);
}

/** Its steps have let it through. Who is not let in must not take a place in the waiting room. */
function enter(world: ProxyWorld, journey: Journey, live: LiveRoute): void {
  const { serving } = live.route;
  if (serving.kind === 'redirect') return answerRedirect(world, journey, serving);
  if (live.caching === null || isTunnel(journey.exchange)) return passOn(world, journey, live);
  consultCache({ desk: world.cache, caching: live.caching }, { world, journey, live }, passOn);
}

/** To a backend, now or when there is one. */
function passOn(world: ProxyWorld, journey: Journey, live: LiveRoute): void {
  const attempt = begun(world, journey, live);
  if (attempt === null) return;
  const peer = choosePeer(world, journey, nobody);
  if (typeof peer === 'string') attempt.wait(peer);
  else attempt.start(peer);
}

/** Null where it was answered: the route has no tunnels. */
function begun(world: ProxyWorld, journey: Journey, live: LiveRoute): Attempt | null {
  const upgrade = isTunnel(journey.exchange);
  if (upgrade && !live.route.policy.ws) {
    answerFailure(world, journey, 'ws-disabled');
    return null;
  }
  const attempt = upgrade
    ? new Upgrade(world, journey, live, () => end(world, journey, 'complete'))
    : new Forward(world, journey, live);
  journey.carrier = attempt;
  return attempt;
}

/** A container that comes meanwhile gets the request by its own rules, not by those of the one before. */
function hold(world: ProxyWorld, journey: Journey, reason: Reason): void {
  const held = new Hold(world, journey, {
    again: () => {
      let nobodyBecause: Reason | null = null;
      serve(world, journey, (_world, _journey, why) => {
        nobodyBecause = why;
      });
      return nobodyBecause;
    },
    giveUp: (why) => answerFailure(world, journey, why),
    pauseUntilMs: 0,
    doubtUntilMs: 0,
  });
  if (held.enter(reason)) journey.carrier = held;
  else answerFailure(world, journey, reason);
}

function begin(world: ProxyWorld, exchange: Exchange): Journey {
  const { request, client } = exchange;
  const requester = requesterOf(client, request, world.trusted);
  const id = requestId(request.headers, requester.identity.trusted);
  const journey = new Journey(exchange, requester, id, world.monotonic());
  if (world.tracer !== null) journey.trace = world.tracer.begin(request.headers, id, requester.identity.trusted);
  world.counts.requestBegun();
  exchange.onClose = (how) => end(world, journey, how);
  return journey;
}

/** Once per request, whoever says it first: the exchange, or the tunnel that took its socket. */
function end(world: ProxyWorld, journey: Journey, how: 'complete' | 'aborted'): void {
  if (journey.ended) return;
  journey.ended = true;
  journey.carrier?.close(how);
  if (how === 'aborted') journey.leave();
  if (how === 'aborted' && journey.reason === null) {
    journey.reason = 'client-aborted';
    if (journey.status === 0) journey.status = 499;
  }
  const nowMs = world.monotonic();
  journey.count(nowMs);
  world.accessLog.write(journey, nowMs);
  const isNoted = journey.reason !== null || journey.status >= 500 || nowMs - journey.startedMs >= slowFromMs;
  if (isNoted) world.failures.note(journey, nowMs);
  if (journey.trace !== null) world.tracer?.requestEnded(journey, journey.trace, nowMs);
}

function answerUnknownHost(world: ProxyWorld, journey: Journey): void {
  if (world.unknownHost === 'close') closeWithoutAnswer(journey, 'host-unknown');
  else answerFailure(world, journey, 'host-unknown', { status: Number(world.unknownHost) });
}

/** An upgrade with a body, or to a protocol that is not for tunnels, is served as if it had not been asked for. */
function isTunnel({ request }: Exchange): boolean {
  if (request.upgrade === null || request.bodyLength !== 0) return false;
  return isTunnelProtocol(request.upgrade);
}
