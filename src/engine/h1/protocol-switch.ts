import type { RequestHead, ResponseHead } from '../../http/head.ts';
import { stripHopByHopResponse } from '../../http/hop-by-hop.ts';
import { readConnection } from './framing.ts';
import { fieldText, lengthText } from './head-text.ts';

/** What asks a backend to switch protocols, and what of its 101 may come of that (RFC 9110 §7.8). */

/** A request without a body that asks for `protocol`. */
export function switchRequestText(head: RequestHead, protocol: string): string {
  const { headers } = head;
  for (const name of ['transfer-encoding', 'connection', 'upgrade', 'trailer']) headers.delete(name);
  // TE speaks to the next hop only, so it has to be named as one (RFC 9110 §10.1.4).
  const options = headers.has('te') ? 'TE, Upgrade' : 'Upgrade';
  const length = lengthText(head, 0);
  return `${head.method} ${head.target} HTTP/1.1\r\n${fieldText(headers)}${length}Upgrade: ${protocol}\r\nConnection: ${options}\r\n\r\n`;
}

/** Whether a 101 switches to what was asked for, says so for this connection, and to nothing else besides. */
export function switchesTo(head: ResponseHead, protocol: string): boolean {
  const { headers } = head;
  return readConnection(headers.all('connection')).upgrade && headers.only('upgrade')?.toLowerCase() === protocol;
}

/** The 101 as the client gets it, in the backend's spelling. */
export function switchText(head: ResponseHead, protocol: string): string {
  const lines = fieldText(head.headers);
  return `HTTP/1.1 101 ${head.reason || 'Switching Protocols'}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n${lines}\r\n`;
}

/** @returns the protocol in the backend's spelling; what belonged to its connection is gone from the head. */
export function takeProtocol(head: ResponseHead): string {
  const protocol = head.headers.get('upgrade') ?? '';
  stripHopByHopResponse(head.headers);
  head.headers.delete('content-length');
  return protocol;
}
