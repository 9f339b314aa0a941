import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { CensusLimits } from '../../../src/engine/census.ts';
import type {
  ClientHello,
  Engine,
  ExchangeHandler,
  ListenerLimits,
  TlsIdentity,
  TlsVerdict,
} from '../../../src/http/transport.ts';
import { RawSocket } from '../../support/raw-socket.ts';
import { answering, type MakeEngine, type Stage, stage } from './stage.ts';
import { TestAuthority } from './test-authority.ts';

/** Who signs for every server of a test file. */
export const authority = await TestAuthority.create();

/** Shown to whoever asks for a.test, in TLS 1.2 and 1.3. */
export const identity = await authority.identity(['a.test']);

/** An engine whose listeners all end TLS, for clients that all speak it. */
export function overTls(makeEngine: MakeEngine): MakeEngine {
  return () => ({
    ...endingTls(makeEngine(), () => ({ kind: 'serve', identity })),
    dial: (t, port) => tlsClient(t, port),
  });
}

type Decide = (hello: ClientHello) => TlsVerdict | Promise<TlsVerdict>;

function endingTls(engine: Engine, decide: Decide): Engine {
  return {
    ...engine,
    listen: (options) => engine.listen({ ...options, tls: { decide, ticketKeys: randomBytes(48) } }),
  };
}

export interface TlsStage extends Stage {
  /** Connects as on a stage, and shakes hands. */
  shake(options?: ConnectionOptions): Promise<RawSocket & { readonly socket: TLSSocket }>;
}

/** A stage that ends TLS, whose `connect` is by TCP alone; answers `x` where no handler is given. */
export async function tlsStage(
  t: TestContext,
  engine: Engine,
  decide: Decide = () => ({ kind: 'serve', identity }),
  about: { handler?: ExchangeHandler; limits?: Partial<ListenerLimits>; door?: Partial<CensusLimits> } = {},
): Promise<TlsStage> {
  const made = await stage(t, endingTls(engine, decide), about.handler ?? answering('x'), about.limits, about.door);
  return { ...made, shake: (options) => tlsClient(t, made.listener.port, options) };
}

/** Decides by the name alone. */
export function byName(identities: Record<string, TlsIdentity>): Decide {
  return ({ serverName }) => {
    const found = identities[serverName ?? ''];
    return found === undefined ? { kind: 'refuse' } : { kind: 'serve', identity: found };
  };
}

/** Connects to a port of this machine and shakes hands; the connection is gone with the test. */
export async function tlsClient(
  t: TestContext,
  port: number,
  options: ConnectionOptions = {},
): Promise<RawSocket & { readonly socket: TLSSocket }> {
  const below = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  t.after(() => below.destroy());
  const socket = connectTls({ ca: authority.pem, servername: 'a.test', ...options, socket: below });
  const client = new RawSocket(socket, below);
  await once(socket, 'secureConnect');
  return client as RawSocket & { readonly socket: TLSSocket };
}
