import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { ProxyFailure } from '../../http/failure.ts';
import type { UpstreamCall, UpstreamEvents, UpstreamRequest, UpstreamTransport } from '../../http/transport.ts';
import type { EngineOptions } from '../options.ts';
import { NodeCall } from './upstream-call.ts';

/** Pools are forgotten with their containers; this bound only keeps a mistake from growing. */
const poolsMax = 10_000;

/** All connections to one peer. */
interface Pool {
  readonly agent: HttpAgent;
  readonly dialling: Set<NodeCall>;
}

/** Calls over node's http client, with one agent, and so one pool of kept connections, per peer. */
export class NodeUpstream implements UpstreamTransport {
  readonly #options: EngineOptions;
  readonly #pools = new Map<string, Pool>();
  #closed = false;

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  send(request: UpstreamRequest, events: UpstreamEvents): UpstreamCall {
    const { agent, dialling } = this.#pool(request);
    const dropIdle = (): void => destroyIdle(agent);
    const call = new NodeCall(request, events, { ...this.#options, agent, dropIdle, dialling });
    if (this.#closed) call.fail(new ProxyFailure('proxy-error', { source: 'proxy', message: 'the engine is closed' }));
    // At the end of the turn, when all that has arrived was read: what a backend said unasked, or its FIN, closes a kept
    // connection first, and is not read as the answer to this request.
    else if (Object.keys(agent.freeSockets).length > 0) setImmediate(() => call.start());
    else call.start();
    return call;
  }

  forget(peerId: string): void {
    const pool = this.#pools.get(peerId);
    if (pool === undefined) return;
    const { agent, dialling } = pool;
    this.#pools.delete(peerId);
    // An agent that keeps nothing closes the busy ones as their exchanges end.
    agent.maxFreeSockets = 0;
    destroyIdle(agent);
    for (const call of dialling) call.giveUpDial();
  }

  close(): void {
    this.#closed = true;
    for (const peerId of [...this.#pools.keys()]) this.forget(peerId);
  }

  #pool({ peer }: UpstreamRequest): Pool {
    const known = this.#pools.get(peer.id);
    if (known !== undefined) return known;
    if (this.#pools.size >= poolsMax) this.forget(this.#pools.keys().next().value as string);
    const options = {
      keepAlive: true,
      maxFreeSockets: this.#options.idleSocketsMax,
      timeout: this.#options.idleSocketMs,
      // The connection used last is the one least likely to have been closed meanwhile.
      scheduling: 'lifo',
    } as const;
    const agent = peer.scheme === 'https' ? new HttpsAgent(options) : new HttpAgent(options);
    const pool = { agent, dialling: new Set<NodeCall>() };
    this.#pools.set(peer.id, pool);
    return pool;
  }
}

function destroyIdle(agent: HttpAgent): void {
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of [...(sockets ?? [])]) socket.destroy();
}
