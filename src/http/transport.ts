/**
 * The seam between the proxy and its engines. Everything above it (steps, policies, balancing) sees heads of our own and
 * wraps body sinks; only `engine/` knows sockets. Every engine passes one contract suite (test/engine/contract).
 *
 * Flow of a body: whoever has bytes pushes them into a `BodySink`. When `write` returns false the pusher stops reading its
 * own side and goes on when the sink calls `onDrain`, which the pusher has set. That is all there is to back-pressure.
 */
import type { Duplex } from 'node:stream';
import type { ProxyFailure } from './failure.ts';
import type { RequestHead, ResponseHead } from './head.ts';
import type { HeaderList } from './header-list.ts';

export interface BodySink {
  /**
   * Takes the bytes; false = enough for now, wait for `onDrain`. The buffer may be reused once true was returned or `onDrain`
   * was called.
   *
   * @param headroomBytes so many bytes right before `chunk` in its ArrayBuffer are nobody's any more: whoever sends it may
   *   put a head there, so that both leave in one write. 0 when absent.
   */
  write(chunk: Uint8Array, headroomBytes?: number): boolean;
  /** The body is complete. At most once, and nothing after it. */
  end(trailers?: HeaderList): void;
  /** The body will never be complete: cut it visibly (destroy the connection), never end it as if it were whole. */
  abort(failure: ProxyFailure): void;
  /** Set by the pusher; called by the sink when it can take more after a `false`. */
  onDrain: (() => void) | null;
}

/** The connection a request came on. */
export interface Client {
  /** Peer address without brackets or zone; v4-mapped IPv6 is written as IPv4. */
  readonly address: string;
  readonly port: number;
  readonly localPort: number;
  /** Arrived over TLS. */
  readonly secure: boolean;
  /** What the handshake settled; absent on a plain connection. */
  readonly tls?: ClientTls;
  /** The handler's: what it has worked out for this connection. Engines do not look at it. */
  memory?: unknown;
}

/** What holds for a connection over TLS. */
export interface ClientTls {
  /** The name that the client asked for (SNI), lower case; null where it named none. */
  readonly serverName: string | null;
  readonly identity: TlsIdentity;
}

/** A certificate to show, and on which terms. Engines keep what they make of it by object: the same identity is the same object. */
export interface TlsIdentity {
  /** PEM; the leaf first. */
  readonly chainPem: string;
  readonly keyPem: string;
  readonly minVersion: '1.2' | '1.3';
  /** PEM of the authorities of which a client must have a certificate; null = none is asked for. */
  readonly clientCaPem: string | null;
  /** Its chain ends at an authority that browsers know: only then may they be told to insist on HTTPS. */
  readonly trusted: boolean;
  /** Whether a request for this host may come over a connection that was shown this identity; else it is misdirected (421, RFC 9110 §15.5.20). */
  covers(host: string): boolean;
}

/** What a client says before the handshake. */
export interface ClientHello {
  /** SNI, lower case; null = none. */
  readonly serverName: string | null;
  /** ALPN, as the client lists them. */
  readonly protocols: readonly string[];
}

export type TlsVerdict =
  | { readonly kind: 'serve'; readonly identity: TlsIdentity }
  /** Shows the certificate of a TLS-ALPN-01 challenge (RFC 8737) under `acme-tls/1` and closes. */
  | { readonly kind: 'challenge'; readonly identity: TlsIdentity }
  /** Ends the handshake with the alert unrecognized_name (RFC 6066 §3). */
  | { readonly kind: 'refuse' };

/** How a listener ends TLS. */
export interface TlsTerms {
  /** Asked once per connection, with the ClientHello. May wait for a certificate; the handshake's deadline goes on meanwhile. */
  decide(hello: ClientHello): TlsVerdict | Promise<TlsVerdict>;
  /** 48 bytes that session tickets are sealed with, the same in all workers; see `Listener.sealTickets`. */
  readonly ticketKeys: Uint8Array;
}

/** One request on a client connection, and the answer to it. */
export interface Exchange {
  readonly request: RequestHead;
  readonly client: Client;
  /**
   * Starts the request body into `sink`; at most once. An engine sends `100 Continue` by itself at this moment only if
   * the client expects it and nobody relayed one. A body never received is discarded (bounded) or the connection closed.
   */
  receive(sink: BodySink): void;
  /** An interim response (1xx but 101); ignored for HTTP/1.0 clients. */
  inform(head: ResponseHead): void;
  /** The final head; at most once, and not after `takeSocket`. Framing is the engine's: it follows `head.bodyLength`. */
  respond(head: ResponseHead): BodySink;
  /** Takes the raw connection for a tunnel, or the stream of HTTP/2. Only where `request.upgrade` is set. */
  takeSocket(): TakenSocket;
  /** Cuts the connection without an answer (`FAIRLEAD_UNKNOWN_HOST=close`, or a response that cannot be completed). */
  destroy(): void;
  /** Called once when the exchange ends: 'complete' (answer fully handed to the kernel) or 'aborted' (client gone, or cut). */
  onClose: ((how: 'complete' | 'aborted') => void) | null;
}

/** Takes one read of a buffer that is used again; false = the bytes are in use, and nothing is read until the socket is resumed. */
export type TakeRead = (bytes: Uint8Array) => boolean;

/** What a tunnel has of its client. */
export interface TakenSocket {
  readonly socket: Duplex;
  /** Bytes that followed the head. */
  readonly early: Uint8Array;
  /** Where present, bytes do not come as 'data' but go to whom it was handed. */
  readonly carry?: (take: TakeRead) => void;
  /** Tells the client that the tunnel stands, where it is told so in another way than by a 101: on a stream of HTTP/2. */
  readonly agree?: (head: ResponseHead) => void;
}

export type ExchangeHandler = (exchange: Exchange) => void;

export interface ListenerLimits {
  /** Whole head, request line included; more is 431. */
  readonly headBytesMax: number;
  /** The target alone; more, or more than the whole head may have, is 414. */
  readonly uriBytesMax: number;
  /** Field lines in a head; more is 431. */
  readonly fieldLinesMax: number;
  /** From the first byte of a head, or from accept, to its end; longer is 408. */
  readonly headTimeoutMs: number;
  /** How long a connection may idle between requests. */
  readonly idleTimeoutMs: number;
  /** Requests on one connection, of which the last says `Connection: close`; 0 = unlimited. */
  readonly requestsMax: number;
}

export const defaultListenerLimits: ListenerLimits = {
  headBytesMax: 32 * 1024,
  uriBytesMax: 16 * 1024,
  fieldLinesMax: 128,
  headTimeoutMs: 20_000,
  idleTimeoutMs: 75_000,
  requestsMax: 0,
};

/** Why a connection was not let in: too many in all, too many from its address, or no file left for it. */
export type RefusedConnection = 'full' | 'address-full' | 'files';

/** Told of each connection that comes and goes: counts them, over all that share it, and says who is one too many. */
export interface Admission {
  /** Counts it in unless there are too many; `force` counts it in whatever there are. */
  enter(address: string, how?: { readonly force: boolean }): 'in' | 'full' | 'address-full';
  leave(address: string): void;
}

export interface Listener {
  /** The bound port. */
  readonly port: number;
  /** Stops accepting, closes idle connections, marks live ones `Connection: close`; resolves when all have ended. */
  drain(): Promise<void>;
  /** Cuts what is left. */
  close(): void;
  /** What its connections are busy with now; looks at each. */
  activity(): ListenerActivity;
  /** Seals session tickets with other keys from now on; of no effect on a plain listener. */
  sealTickets(ticketKeys: Uint8Array): void;
}

/** In the words of `/status`. */
export interface ListenerActivity {
  /** Part of a request has come, and no answer has begun. */
  readonly reading: number;
  /** A request is being answered, or a tunnel is open. */
  readonly writing: number;
  /** Nothing is asked. */
  readonly waiting: number;
}

/** An engine's way to answer a request that never became one (bad head, timeout): the body and headers of our own answers. */
export type Refusal = (
  failure: ProxyFailure,
  request: { accept: string | undefined },
) => { head: ResponseHead; body: Uint8Array };

export interface ListenOptions {
  /** Undefined: every address, IPv4 and IPv6. */
  readonly host?: string | undefined;
  readonly port: number;
  /** SO_REUSEPORT, so that several workers share the port. */
  readonly reusePort: boolean;
  readonly limits: ListenerLimits;
  /** Ends TLS and speaks what ALPN settles (h2, http/1.1); plain HTTP/1.1 where absent. */
  readonly tls?: TlsTerms;
  /** Everybody may come where there is none. */
  readonly admission?: Admission;
  /** Called for each connection that was closed at once. */
  readonly onRefused?: (why: RefusedConnection) => void;
  readonly handler: ExchangeHandler;
  readonly refuse: Refusal;
}

/** Where to dial; `id` is the identity of the pool of kept connections: container id, port and scheme, never the address. */
export interface PeerAddress {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly scheme: 'http' | 'https';
  /** For https: SNI name (null = the request's host) and whether the certificate is verified. */
  readonly sni?: string | null;
  readonly verify?: boolean;
}

/** All are idle times between bytes or for one step, never totals; milliseconds, 0 = unlimited. */
export interface UpstreamTimeouts {
  readonly connectMs: number;
  /** Without a byte from the backend: waiting for the head, and between body bytes. */
  readonly readMs: number;
  /** Without the backend taking a byte while we have some for it. */
  readonly sendMs: number;
}

export interface UpstreamRequest {
  readonly peer: PeerAddress;
  /** As it goes out: hop-by-hop removed, forwarded headers set. The engine adds framing, and Connection where needed. */
  readonly head: RequestHead;
  readonly timeouts: UpstreamTimeouts;
}

export interface UpstreamEvents {
  /** The connection stands and the head is on its way: the body may flow into `body`. Called once per send, also without a body. */
  onReady(body: BodySink, connection: { readonly reused: boolean }): void;
  /** 1xx except 101. */
  onInform(head: ResponseHead): void;
  /** The final head; its body is pushed into the sink that is returned. After this a failure goes to that sink's `abort`. */
  onHead(head: ResponseHead): BodySink;
  /** The call failed before a head arrived; the failure says whose fault it was and whether another try is safe. Nothing follows. */
  onFailure(failure: ProxyFailure): void;
}

export interface UpstreamCall {
  /** Client gone or answer no longer wanted: destroys the connection. No event follows. */
  abort(): void;
  /** The backend is out of reach, which its silence would never tell: ends as if the connection had just been reset. */
  sever(): void;
}

export interface UpstreamTransport {
  send(request: UpstreamRequest, events: UpstreamEvents): UpstreamCall;
  /**
   * The container leaves or is gone: close its idle connections at once, and those in use when their exchange ends. A connection
   * that does not stand yet is given up, and its request fails with nothing sent.
   */
  forget(peerId: string): void;
  close(): void;
}

export interface TunnelRequest {
  readonly peer: PeerAddress;
  /** As it goes out; Connection and Upgrade are added by the tunnel from `head.upgrade`. */
  readonly head: RequestHead;
  readonly connectMs: number;
  /** Answer to the handshake. */
  readonly readMs: number;
  /** Without a byte in either direction; 0 = unlimited. */
  readonly idleMs: number;
}

export interface TunnelEvents {
  /** The backend agreed with 101; the tunnel stands. May edit the head before it is sent. */
  onOpen(head: ResponseHead): void;
  /** The backend answered something else: the answer is relayed as an ordinary response into the sink returned. */
  onRefused(head: ResponseHead): BodySink;
  /** No tunnel came about and nothing was sent to the client. */
  onFailure(failure: ProxyFailure): void;
  /** An open tunnel ended; bytes carried after the handshake. */
  onClose(carried: { readonly toClientBytes: number; readonly toBackendBytes: number }): void;
}

export interface TunnelCall {
  /** Ends the tunnel; a WebSocket gets a close frame with `code` (RFC 6455 §7.4.1, 1001 = going away) in both directions at a frame boundary. */
  close(code: number): void;
  /** As `UpstreamCall.sever`; an open tunnel is closed with 1001. */
  sever(): void;
}

export interface TunnelTransport {
  open(exchange: Exchange, request: TunnelRequest, events: TunnelEvents): TunnelCall;
}

/** What an engine offers. */
export interface Engine {
  listen(options: ListenOptions): Promise<Listener>;
  readonly upstream: UpstreamTransport;
  readonly tunnel: TunnelTransport;
}
