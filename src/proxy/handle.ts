import { requestId } from '../http/request-id.ts';
import { readTarget } from '../http/target.ts';
import type { Exchange, ExchangeHandler } from '../http/transport.ts';
import { isTunnelProtocol } from '../http/tunnel-protocol.ts';
import { admit } from './admission.ts';
import { answerChallenge, answerFailure, answerRedirect, answerSecureRedirect, closeWithoutAnswer } from './answer.ts';
import { challengeToken, entranceOf } from './entrance.ts';
import { Forward } from './forward.ts';
import { guarded } from './guarded.ts';
import { Journey } from './journey.ts';
import { toOutgoing } from './outgoing.ts';
import { requesterOf } from './requester.ts';
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

/** The life of a request: read, match, refuse or redirect, prepare, pass on. */
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
  const live = world.cell.match(journey);
  if (live === 'host-unknown') return answerUnknownHost(world, journey);
  if (live === 'no-route') return answerFailure(world, journey, 'no-route');

  journey.live = live;
  const { serving, policy } = live.route;
  if (serving.kind === 'refuse') return answerFailure(world, journey, serving.reason);
  const entrance = entranceOf(journey, policy, world.certificates);
  if (entrance === 'refuse') return answerFailure(world, journey, 'https-required');
  if (entrance === 'redirect') return answerSecureRedirect(world, journey);

  toOutgoing(journey);
  if (live.steps.request.length === 0) serve(world, journey, live);
  else admit(world, journey, live, serve);
}

/** Its steps have let it through. */
function serve(world: ProxyWorld, journey: Journey, live: LiveRoute): void {
  const { serving, policy } = live.route;
  if (serving.kind === 'redirect') answerRedirect(world, journey, serving);
  else if (!isTunnel(journey.exchange)) passOn(world, journey, live);
  else if (policy.ws) openTunnel(world, journey, live);
  else answerFailure(world, journey, 'ws-disabled');
}

function begin(world: ProxyWorld, exchange: Exchange): Journey {
  const { request, client } = exchange;
  const requester = requesterOf(client, request, world.trusted);
  const id = requestId(request.headers, requester.identity.trusted);
  const journey = new Journey(exchange, requester, id, world.monotonic());
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
}

function passOn(world: ProxyWorld, journey: Journey, live: LiveRoute): void {
  const forward = new Forward(world, journey, live, journey.exchange.request);
  journey.carrier = forward;
  forward.start();
}

function openTunnel(world: ProxyWorld, journey: Journey, live: LiveRoute): void {
  const upgrade = new Upgrade(world, journey, live, journey.exchange.request, () => end(world, journey, 'complete'));
  journey.carrier = upgrade;
  upgrade.start();
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
