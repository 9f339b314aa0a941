import type { ProxyFailure } from '../../../src/http/failure.ts';
import type { ResponseHead } from '../../../src/http/head.ts';
import { stripHopByHopRequest, stripHopByHopResponse } from '../../../src/http/hop-by-hop.ts';
import type {
  BodySink,
  Exchange,
  ExchangeHandler,
  PeerAddress,
  TunnelCall,
  TunnelTransport,
  UpstreamTimeouts,
  UpstreamTransport,
} from '../../../src/http/transport.ts';
import { head, noTimeouts } from './stage.ts';

/** What a test may want to know of the exchanges that a relay served. */
export interface RelayLog {
  onClose?: (how: 'complete' | 'aborted') => void;
  onFailure?: (failure: ProxyFailure) => void;
  onReady?: (connection: { readonly reused: boolean }) => void;
}

/** The smallest proxy: every request goes to one peer; failures become `502 <reason>`. */
export function relay(
  upstream: UpstreamTransport,
  peer: PeerAddress,
  log: RelayLog = {},
  timeouts: UpstreamTimeouts = noTimeouts,
): ExchangeHandler {
  return (exchange) => {
    const { request } = exchange;
    stripHopByHopRequest(request.headers);
    const call = upstream.send(
      { peer, head: request, timeouts },
      {
        onReady(body: BodySink, connection) {
          log.onReady?.(connection);
          if (request.bodyLength === 0) body.end();
          else exchange.receive(body);
        },
        onInform: (interim: ResponseHead) => exchange.inform(interim),
        onHead(answer: ResponseHead) {
          stripHopByHopResponse(answer.headers);
          return exchange.respond(answer);
        },
        onFailure(failure: ProxyFailure) {
          log.onFailure?.(failure);
          answerFailure(exchange, failure);
        },
      },
    );
    exchange.onClose = (how) => {
      if (how === 'aborted') call.abort();
      log.onClose?.(how);
    };
  };
}

export interface TunnelLog {
  onCall?: (call: TunnelCall) => void;
  onOpen?: (head: ResponseHead) => void;
  onFailure?: (failure: ProxyFailure) => void;
  onTunnelClose?: (carried: { readonly toClientBytes: number; readonly toBackendBytes: number }) => void;
  onClose?: (how: 'complete' | 'aborted') => void;
}

/** Upgrades become tunnels to one peer, whatever else comes is answered with 404. */
export function tunnelRelay(
  tunnel: TunnelTransport,
  peer: PeerAddress,
  log: TunnelLog = {},
  limits: { readonly connectMs?: number; readonly readMs?: number; readonly idleMs?: number } = {},
): ExchangeHandler {
  return (exchange) => {
    const { request } = exchange;
    if (request.upgrade === null) {
      exchange.respond(head(404)).end();
      return;
    }
    stripHopByHopRequest(request.headers);
    const call = tunnel.open(
      exchange,
      { peer, head: request, connectMs: 0, readMs: 0, idleMs: 0, ...limits },
      {
        onOpen: (answer) => log.onOpen?.(answer),
        onRefused(answer) {
          stripHopByHopResponse(answer.headers);
          return exchange.respond(answer);
        },
        onFailure(failure) {
          log.onFailure?.(failure);
          answerFailure(exchange, failure);
        },
        onClose: (carried) => log.onTunnelClose?.(carried),
      },
    );
    log.onCall?.(call);
    exchange.onClose = (how) => {
      if (how === 'aborted') call.close(1001);
      log.onClose?.(how);
    };
  };
}

function answerFailure(exchange: Exchange, failure: ProxyFailure): void {
  const sink = exchange.respond(head(502, {}, failure.reason.length));
  sink.write(Buffer.from(failure.reason));
  sink.end();
}
