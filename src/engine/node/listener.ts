import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Client, Listener, ListenerActivity, ListenOptions } from '../../http/transport.ts';
import { activityOf, sumOf } from '../activity.ts';
import { clientOf } from '../client-address.ts';
import { H2Server } from '../h2/h2-server.ts';
import { mayUpgrade } from '../may-upgrade.ts';
import { OpenSockets } from '../open-sockets.ts';
import type { EngineOptions } from '../options.ts';
import { TlsPort } from '../tls/tls-port.ts';
import { type ConnectionWorld, NodeConnection } from './connection.ts';
import { readRequest } from './request-reading.ts';

/** A listener on node's http server, with everything that server would decide or answer by itself switched off. */
export class NodeListener implements Listener {
  readonly #server: Server;
  /** node's own listener for connections: it begins to read HTTP. */
  readonly #read: (socket: Socket) => void;
  /** Null on a plain listener. */
  readonly #tls: TlsPort | null;
  readonly #options: ListenOptions;
  readonly #open: OpenSockets;
  readonly #connections = new Map<Socket, NodeConnection>();
  readonly #world: ConnectionWorld & { draining: boolean };
  #port = 0;
  #drained: Promise<void> | null = null;

  private constructor(options: ListenOptions, engine: EngineOptions) {
    this.#options = options;
    this.#open = new OpenSockets(options.admission);
    const server = createServer(serverOptions(options, (message) => this.#isUpgrade(message)));
    this.#server = server;
    const [read] = server.listeners('connection') as ((socket: Socket) => void)[];
    this.#read = (socket) => read?.call(server, socket);
    const { tls: terms } = options;
    const speak = (secure: Socket, client: Client): void => this.#speak(secure, client);
    this.#tls =
      terms === undefined
        ? null
        : new TlsPort({ options, terms, lingerMs: engine.lingerMs, http2: new H2Server(options, engine), speak });
    this.#world = {
      options,
      stallMs: engine.stallMs,
      paceBytes: engine.paceBytes,
      lingerMs: engine.lingerMs,
      draining: false,
      readAgain: (socket) => {
        this.#read(socket);
        socket.resume();
      },
    };
    // node cuts longer lists silently, framing fields included; the size of the head is the limit.
    server.maxHeadersCount = 0;
    // What connects is counted first, and over TLS it is no HTTP yet.
    server.removeAllListeners('connection');
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
    const now = activityOf(this.#connections.values());
    return this.#tls === null ? now : sumOf(now, this.#tls.activity());
  }

  sealTickets(ticketKeys: Uint8Array): void {
    this.#tls?.sealTickets(ticketKeys);
  }

  drain(): Promise<void> {
    if (this.#drained === null) {
      this.#world.draining = true;
      // Closes the connections that are between two requests as well.
      this.#server.close();
      for (const connection of this.#connections.values()) connection.drain();
      this.#tls?.drain();
      this.#drained = this.#open.gone();
    }
    return this.#drained;
  }

  close(): void {
    void this.drain();
    for (const connection of this.#connections.values()) connection.cut();
    this.#tls?.close();
  }

  #accept(socket: Socket): void {
    const { admission, onRefused } = this.#options;
    const client = clientOf(socket, { secure: this.#tls !== null });
    const { address } = client;
    const verdict = admission?.enter(address) ?? 'in';
    if (verdict !== 'in') {
      socket.on('error', () => {});
      socket.destroy();
      onRefused?.(verdict);
      return;
    }
    this.#open.add(socket, address);
    if (this.#tls === null) this.#speak(socket, client);
    else this.#tls.accept(socket, client);
  }

  #speak(socket: Socket, client: Client): void {
    this.#read(socket);
    this.#connections.set(socket, new NodeConnection(socket, client, this.#world));
    socket.once('close', () => this.#connections.delete(socket));
  }

  /** Asked by node in the middle of parsing: true gives the bytes after the head out of the parser's hands. */
  #isUpgrade(message: IncomingMessage): boolean {
    const connection = this.#connections.get(message.socket);
    if (!connection?.idle) return false;
    const request = readRequest(message, this.#options.limits, connection.client);
    return typeof request !== 'string' && mayUpgrade(request);
  }

  #upgrade(message: IncomingMessage, socket: Socket, head: Buffer): void {
    const connection = this.#connections.get(socket);
    const request = readRequest(message, this.#options.limits, { secure: this.#tls !== null });
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
