import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { TlsTerms } from '../../../src/http/transport.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import type { MakeEngine } from './stage.ts';
import { TestAuthority } from './test-authority.ts';

const authority = await TestAuthority.create();
const identity = await authority.identity(['a.test']);

/** An engine whose listeners all end TLS, for clients that all speak it. */
export function overTls(makeEngine: MakeEngine): MakeEngine {
  return () => {
    const engine = makeEngine();
    return {
      ...engine,
      listen: (options) => engine.listen({ ...options, tls: serving() }),
      dial: (t, port) => tlsClient(t, port, { ca: authority.pem, servername: 'a.test' }),
    };
  };
}

function serving(): TlsTerms {
  return { decide: () => ({ kind: 'serve', identity }), ticketKeys: randomBytes(48) };
}

/** Connects to a port of this machine and shakes hands; the connection is gone with the test. */
export async function tlsClient(t: TestContext, port: number, options: ConnectionOptions): Promise<RawSocket> {
  const below = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  t.after(() => below.destroy());
  const secure = connectTls({ ...options, socket: below });
  const client = new RawSocket(secure, below);
  await once(secure, 'secureConnect');
  return client;
}
