import type { Duplex } from 'node:stream';
import type { Client, ListenerActivity, ListenOptions } from '../../http/transport.ts';
import { activityOf } from '../activity.ts';
import { IdleSearch } from '../idle-search.ts';
import type { EngineOptions } from '../options.ts';
import { ClientSession, type SessionWorld } from './client-session.ts';

/** Serves HTTP/2 on connections that somebody else has accepted, by node:http2 (docs/decisions/http2.md). */
export class H2Server implements SessionWorld {
  readonly options: ListenOptions;
  readonly engine: EngineOptions;
  readonly nowMs: () => number;
  readonly #sessions = new Set<ClientSession>();
  readonly #idle = new IdleSearch(this.#sessions);
  #drained: PromiseWithResolvers<void> | null = null;

  /** @param nowMs monotonic. */
  constructor(options: ListenOptions, engine: EngineOptions, nowMs: () => number = () => performance.now()) {
    this.options = options;
    this.engine = engine;
    this.nowMs = nowMs;
  }

  /** @param socket a TLSSocket after its handshake, or any other that stands: the client speaks HTTP/2 without being asked. */
  accept(socket: Duplex, client: Client): void {
    // It may have gone while the handshake ended.
    if (socket.destroyed) return;
    const session = new ClientSession(socket, client, this);
    this.#sessions.add(session);
    if (this.#drained !== null) session.end();
  }

  /** Every connection takes no more requests and ends with the last it serves; resolves when all have ended. */
  drain(): Promise<void> {
    this.#drained ??= Promise.withResolvers();
    for (const session of this.#sessions) session.end();
    this.#resolve();
    return this.#drained.promise;
  }

  /** Cuts what is left. */
  close(): void {
    void this.drain();
    for (const session of this.#sessions) session.destroy();
  }

  activity(): ListenerActivity {
    return activityOf(this.#sessions);
  }

  /** Ends a connection on which nothing is asked: of this address, or any; see `IdleSearch`. */
  endOneIdle(address?: string): boolean {
    return this.#idle.endOne(address);
  }

  closed(session: ClientSession): void {
    this.#sessions.delete(session);
    this.#resolve();
  }

  #resolve(): void {
    if (this.#sessions.size === 0) this.#drained?.resolve();
  }
}
