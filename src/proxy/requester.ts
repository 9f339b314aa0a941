import { type Authority, readAuthority } from '../http/authority.ts';
import { type ClientIdentity, forwardedBlock, identifyClient, type TrustedNetworks } from '../http/forwarded.ts';
import type { RequestHead } from '../http/head.ts';
import type { HeaderBlock } from '../http/header-block.ts';
import type { Client } from '../http/transport.ts';
import { jsonText } from './json-text.ts';

/** Who asks for which host, and what follows from that alone: the same for most requests of a connection. */
export class Requester {
  /** The authority as the client sent it. */
  readonly asked: string;
  /** Null = it names no host. */
  readonly authority: Authority | null;
  readonly identity: ClientIdentity;
  readonly forwarded: HeaderBlock;
  /** Its part of a line in the access log. */
  readonly logged: string;

  constructor(client: Client, { authority, headers }: RequestHead, trusted: TrustedNetworks) {
    const identity = identifyClient(client, authority, headers, trusted);
    const { address, scheme, host } = identity;
    this.asked = authority;
    this.authority = readAuthority(authority);
    this.identity = identity;
    this.forwarded = forwardedBlock(client, identity, identity.trusted ? headers.all('x-forwarded-for') : []);
    this.logged = `"client":${jsonText(address)},"scheme":"${scheme}","host":${jsonText(host)}`;
  }
}

/** The requester of the request before on this connection, if it asks for the same host; a trusted peer may speak for anyone. */
export function requesterOf(client: Client, request: RequestHead, trusted: TrustedNetworks): Requester {
  const last = client.memory;
  if (last instanceof Requester && last.asked === request.authority) return last;
  const requester = new Requester(client, request, trusted);
  if (!requester.identity.trusted) client.memory = requester;
  return requester;
}
