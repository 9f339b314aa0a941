import { clearForwarded } from '../http/forwarded.ts';
import type { RequestHead } from '../http/head.ts';
import { stripHopByHopRequest } from '../http/hop-by-hop.ts';
import type { Journey } from './journey.ts';

/**
 * Turns the head that came in into the one that goes out, in place. First what belongs to the client's connection goes,
 * then the forwarded headers are written: `Connection: X-Forwarded-For` cannot strip what was not there yet.
 */
export function toOutgoing(journey: Journey): RequestHead {
  const { request } = journey.exchange;
  const { headers } = request;
  stripHopByHopRequest(headers);
  clearForwarded(headers, journey.client);
  headers.appendBlock(journey.requester.forwarded);
  headers.append('X-Request-Id', journey.requestId);
  journey.trace?.enter(headers);
  return request;
}
