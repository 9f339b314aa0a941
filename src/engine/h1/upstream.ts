import { ProxyFailure } from '../../http/failure.ts';
import type { UpstreamCall, UpstreamEvents, UpstreamRequest, UpstreamTransport } from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';
import { noProgress, outOfReach } from '../upstream-failure.ts';
import type { BackendSessions } from './backend-sessions.ts';
import type { ConnectionCall, ConnectionKeeper } from './connection-call.ts';
import type { Deadlines } from './deadlines.ts';
import { closeTurn, openTurn } from './output-turn.ts';
import { UpstreamConnection } from './upstream-connection.ts';

/** Pools are forgotten with their containers; this bound only keeps a mistake from growing. */
export const poolsMax = 10_000;

/**
 * A request that cannot be sent twice goes only on a connection that was used this short a while ago, or on a fresh one:
 * most servers close idle connections after 5 s or more, and a request that meets that close may or may not have been read.
 */
const surelyOpenMs = 2_000;

const idempotentMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** All connections to one peer. */
interface Pool {
  /** The connection used last is taken first: it is the one least likely to have been closed meanwhile. */
  readonly idle: { readonly connection: UpstreamConnection; readonly sinceMs: number }[];
  readonly all: Set<UpstreamConnection>;
}

/** Requests to backends, each peer with its pool of kept connections. */
export class H1Upstream implements UpstreamTransport, ConnectionKeeper {
  readonly deadlines: Deadlines;
  readonly idleMs: number;
  readonly continueWaitMs: number;
  readonly limits: EngineOptions;
  readonly sessions: BackendSessions;
  /** Idle connections of all pools. */
  #idleCount = 0;
  readonly #pools = new Map<string, Pool>();
  /** Calls that may go on a kept connection, until the end of the turn. */
  readonly #waiting: Call[] = [];
  #closed = false;

  constructor(options: EngineOptions, deadlines: Deadlines, sessions: BackendSessions) {
    this.deadlines = deadlines;
    this.sessions = sessions;
    this.idleMs = options.idleSocketMs;
    this.continueWaitMs = options.continueWaitMs;
    this.limits = options;
  }

  send(request: UpstreamRequest, events: UpstreamEvents): UpstreamCall {
    const call = new Call(this, request, events);
    if (this.#closed) queueMicrotask(() => events.onFailure(engineClosed()));
    else if ((this.#pools.get(request.peer.id)?.idle.length ?? 0) === 0) call.start({ fresh: true });
    else this.#startLater(call);
    return call;
  }

  /**
   * A kept connection is taken at the end of a turn of the event loop, when all that has arrived in it was read: what a backend
   * said unasked, or its FIN, closes the connection first. Taken earlier, a stray answer that is waiting in the kernel
   * would be read as the answer to this request.
   */
  #startLater(call: Call): void {
    if (this.#waiting.push(call) > 1) return;
    setImmediate(() => {
      openTurn();
      try {
        for (const waiting of this.#waiting.splice(0)) {
          if (this.#closed) waiting.fail(engineClosed());
          else waiting.start({ fresh: false });
        }
      } finally {
        closeTurn();
      }
    });
  }

  /** An open connection that is idle, or a new one. */
  connectionFor(call: ConnectionCall, { fresh }: { readonly fresh: boolean }): UpstreamConnection {
    const { peer, head } = call.request;
    const pool = this.#pool(peer.id);
    const kept = fresh ? undefined : pool.idle.at(-1);
    const repeatable = head.bodyLength === 0 && idempotentMethods.has(head.method);
    if (kept !== undefined && (repeatable || this.deadlines.nowMs - kept.sinceMs < surelyOpenMs)) {
      pool.idle.pop();
      this.#idleCount--;
      kept.connection.send(call);
      return kept.connection;
    }
    const connection = new UpstreamConnection(call, this);
    pool.all.add(connection);
    return connection;
  }

  idle(connection: UpstreamConnection): void {
    const pool = this.#pools.get(connection.peer.id);
    const { idleSocketsMax, idleSocketsTotalMax } = this.limits;
    if (pool === undefined || pool.idle.length >= idleSocketsMax || this.#idleCount >= idleSocketsTotalMax) {
      connection.destroy();
      return;
    }
    pool.idle.push({ connection, sinceMs: this.deadlines.nowMs });
    this.#idleCount++;
  }

  closed(connection: UpstreamConnection): void {
    const pool = this.#pools.get(connection.peer.id);
    if (pool === undefined || !pool.all.delete(connection)) return;
    const at = pool.idle.findIndex((kept) => kept.connection === connection);
    if (at < 0) return;
    pool.idle.splice(at, 1);
    this.#idleCount--;
  }

  /** Where one kept connection was dead, the others most likely are. */
  dropIdle(peerId: string): void {
    const dropped = this.#pools.get(peerId)?.idle.splice(0) ?? [];
    this.#idleCount -= dropped.length;
    for (const { connection } of dropped) connection.destroy();
  }

  forget(peerId: string): void {
    const pool = this.#pools.get(peerId);
    if (pool === undefined) return;
    this.#pools.delete(peerId);
    this.#idleCount -= pool.idle.length;
    for (const connection of pool.all) connection.doom();
  }

  close(): void {
    this.#closed = true;
    for (const peerId of [...this.#pools.keys()]) this.forget(peerId);
  }

  #pool(peerId: string): Pool {
    const known = this.#pools.get(peerId);
    if (known !== undefined) return known;
    if (this.#pools.size >= poolsMax) this.forget(this.#pools.keys().next().value as string);
    const pool = { idle: [], all: new Set<UpstreamConnection>() };
    this.#pools.set(peerId, pool);
    return pool;
  }
}

/** One request; sent once more on a fresh connection where a kept one turned out to be dead and the request can be repeated. */
class Call implements UpstreamCall, ConnectionCall {
  readonly request: UpstreamRequest;
  readonly events: UpstreamEvents;
  readonly #upstream: H1Upstream;
  #connection: UpstreamConnection | null = null;
  #aborted = false;
  #severed = false;

  constructor(upstream: H1Upstream, request: UpstreamRequest, events: UpstreamEvents) {
    this.#upstream = upstream;
    this.request = request;
    this.events = events;
  }

  start(how: { readonly fresh: boolean }): void {
    if (!this.#aborted) this.#connection = this.#upstream.connectionFor(this, how);
  }

  /** Before it was started. */
  fail(failure: ProxyFailure): void {
    if (!this.#aborted) this.events.onFailure(failure);
  }

  abort(): void {
    this.#aborted = true;
    this.#connection?.abandon(this);
  }

  sever(): void {
    if (this.#aborted) return;
    this.#severed = true;
    if (this.#connection !== null) {
      this.#connection.sever(this);
      return;
    }
    this.#aborted = true;
    this.events.onFailure(outOfReach(noProgress(false)));
  }

  onFailure(failure: ProxyFailure, { stale }: { readonly stale: boolean }): void {
    const { head, peer } = this.request;
    if (stale && !this.#severed && head.bodyLength === 0 && idempotentMethods.has(head.method)) {
      this.#upstream.dropIdle(peer.id);
      this.start({ fresh: true });
    } else this.events.onFailure(failure);
  }
}

function engineClosed(): ProxyFailure {
  return new ProxyFailure('proxy-error', { source: 'proxy', message: 'the engine is closed' });
}
