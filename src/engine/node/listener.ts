import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Listener, ListenerActivity, ListenOptions } from '../../http/transport.ts';
import { activityOf } from '../activity.ts';
import { mayUpgrade } from '../may-upgrade.ts';
import type { EngineOptions } from '../options.ts';
import { type ConnectionWorld, NodeConnection } from './connection.ts';
import { readRequest } from './request-reading.ts';

/** A listener on node's http server, with everything that server would decide or answer by itself switched off. */
export class NodeListener implements Listener {
  readonly #server: Server;
  readonly #options: ListenOptions;
  readonly #connections = new Map<Socket, NodeConnection>();
  readonly #world: ConnectionWorld & { draining: boolean };
  #port = 0;
  #drained: Promise<void> | null = null;

  private constructor(options: ListenOptions, engine: EngineOptions) {
    this.#options = options;
    const server = createServer(serverOptions(options, (message) => this.#isUpgrade(message)));
    this.#server = server;
    this.#world = {
      options,
      stallMs: engine.stallMs,
      paceBytes: engine.paceBytes,
      lingerMs: engine.lingerMs,
      draining: false,
      readAgain: (socket) => {
        server.emit('connection', socket);
        socket.resume();
      },
    };
    // node cuts longer lists silently, framing fields included; the size of the head is the limit.
    server.maxHeadersCount = 0;
    server.on('connection', (socket) => this.#accept(socket));
    const onRequest = (message: IncomingMessage, response: ServerResponse): void =>
      this.#connections.get(message.socket)?.request(message, response);
    server.on('request', onRequest);
    // Without these two, node says 100 before anybody asked the backend, and 417 in its own words.
    server.on('checkContinue', onRequest);
    server.on('checkExpectation', onRequest);
    server.on('upgrade', (message, socket, head) => this.#upgrade(message, socket as Socket, head));
    server.on('connect', (_message, socket) =>
      this.#connections.get(socket as Socket)?.fail(Object.assign(new Error('CONNECT'), { code: 'CONNECT' })),
    );
    server.on('clientError', (error, socket) => this.#connections.get(socket as Socket)?.fail(error));
  }

  static async listen(options: ListenOptions, engine: EngineOptions): Promise<NodeListener> {
    const listener = new NodeListener(options, engine);
    const { host, port, reusePort } = options;
    await new Promise<void>((resolve, reject) => {
      listener.#server.once('error', reject);
      listener.#server.listen({ port, reusePort, ...(host === undefined ? {} : { host }) }, () => {
        listener.#server.off('error', reject);
        listener.#server.on('error', () => options.onRefused?.('files'));
        listener.#port = (listener.#server.address() as AddressInfo).port;
        resolve();
      });
    });
    return listener;
  }

  /** Kept beyond the end of listening, when the server has no address any more. */
  get port(): number {
    return this.#port;
  }

  activity(): ListenerActivity {
    return activityOf(this.#connections.values());
  }

  sealTickets(): void {}

  drain(): Promise<void> {
    this.#drained ??= new Promise((resolve) => {
      this.#world.draining = true;
      // Closes the connections that are between two requests as well.
      this.#server.close(() => resolve());
      for (const connection of this.#connections.values()) connection.drain();
    });
    return this.#drained;
  }

  close(): void {
    void this.drain();
    for (const connection of this.#connections.values()) connection.cut();
  }

  #accept(socket: Socket): void {
    // Comes again for a connection that is read as HTTP again after a refused upgrade.
    if (this.#connections.has(socket)) return;
    const { admission, onRefused } = this.#options;
    const connection = new NodeConnection(socket, this.#world);
    const { address } = connection.client;
    const verdict = admission?.enter(address) ?? 'in';
    if (verdict !== 'in') {
      socket.destroy();
      onRefused?.(verdict);
      return;
    }
    this.#connections.set(socket, connection);
    socket.once('close', () => {
      this.#connections.delete(socket);
      admission?.leave(address);
    });
  }

  /** Asked by node in the middle of parsing: true gives the bytes after the head out of the parser's hands. */
  #isUpgrade(message: IncomingMessage): boolean {
    if (!this.#connections.get(message.socket)?.idle) return false;
    const request = readRequest(message, this.#options.limits);
    return typeof request !== 'string' && mayUpgrade(request);
  }

  #upgrade(message: IncomingMessage, socket: Socket, head: Buffer): void {
    const request = readRequest(message, this.#options.limits);
    const connection = this.#connections.get(socket);
    if (typeof request === 'string' || !mayUpgrade(request) || connection === undefined) socket.destroy();
    else connection.upgrade(request, message, head);
  }
}

/** Slow heads are looked for this often; node's own 30 s would make a limit of 20 s one of 50. */
const checkIntervalMs = (headTimeoutMs: number): number => Math.max(25, Math.min(1000, headTimeoutMs / 4));

function serverOptions(
  { limits }: ListenOptions,
  shouldUpgradeCallback: (message: IncomingMessage) => boolean,
): object {
  return {
    insecureHTTPParser: false,
    // Checked by ourselves, so that the refusal is ours, too.
    requireHostHeader: false,
    maxHeaderSize: limits.headBytesMax,
    headersTimeout: limits.headTimeoutMs,
    connectionsCheckingInterval: checkIntervalMs(limits.headTimeoutMs),
    // An upload may take hours; what stalls is cut by the exchange.
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    keepAliveTimeoutBuffer: 0,
    noDelay: true,
    shouldUpgradeCallback,
  };
}
