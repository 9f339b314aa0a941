import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import { connect, isIP } from 'node:net';
import { hostAndPort } from '../http/authority.ts';
import type { Backend, BackendCheck } from '../routing/table.ts';

/** A backend that is checked. */
export type Checked = Backend & { readonly check: BackendCheck };

/** One check that is under way. */
export interface Probing {
  /** Nothing is told any more. */
  abort(): void;
}

/** Makes one check; `onEnd` is told why it failed, or null. Never calls it before it has returned. */
export type Probe = (
  backend: Checked,
  about: { readonly timeoutMs: number; readonly onEnd: (failure: string | null) => void },
) => Probing;

/** An answer that is short is read to its end, because a server that is cut off in the middle says so in its log. */
const bodyBytesMax = 64 * 1024;

export const probe: Probe = (backend, about) => {
  const { check } = backend;
  switch (check.kind) {
    case 'tcp':
      return probeTcp(backend, about);
    case 'http':
      return probeHttp(backend, check, about);
    default:
      return check satisfies never;
  }
};

function probeTcp({ host, port }: Checked, { timeoutMs, onEnd }: Parameters<Probe>[1]): Probing {
  const socket = connect({ host, port });
  const told = once(onEnd);
  const timer = setTimeout(() => {
    told.say(silence(shown(host, port), timeoutMs));
    socket.destroy();
  }, timeoutMs);
  socket.on('connect', () => {
    told.say(null);
    socket.destroy();
  });
  socket.on('error', (error) => told.say(connectFailure(error, shown(host, port))));
  socket.on('close', () => clearTimeout(timer));
  return {
    abort() {
      told.silence();
      socket.destroy();
    },
  };
}

function probeHttp(
  backend: Checked,
  check: Extract<BackendCheck, { kind: 'http' }>,
  { timeoutMs, onEnd }: Parameters<Probe>[1],
): Probing {
  const { host, scheme, sni, verify } = backend;
  const port = check.port === 0 ? backend.port : check.port;
  const address = shown(host, port);
  const what = `GET ${check.path} on ${address}`;
  const told = once(onEnd);
  const options = {
    ...{ host, port, path: check.path, agent: false, setHost: false },
    headers: { host: check.host === '' ? address : check.host, 'user-agent': 'fairlead-health', connection: 'close' },
  };
  const name = sni ?? check.host;
  // An address is no server name (RFC 6066 §3).
  const tls = { servername: isIP(name) === 0 ? name : '', rejectUnauthorized: verify, ALPNProtocols: ['http/1.1'] };
  const asked = scheme === 'https' ? secureRequest({ ...options, ...tls }) : plainRequest(options);
  const timer = setTimeout(() => {
    told.say(silence(what, timeoutMs));
    asked.destroy();
  }, timeoutMs);
  asked.on('response', (response) => {
    const status = response.statusCode ?? 0;
    const passed = check.statuses.some(({ from, to }) => status >= from && status <= to);
    told.say(passed ? null : `${what} was answered with ${status}`);
    discard(response, () => asked.destroy());
  });
  // To whatever it switches, it was not asked to.
  asked.on('upgrade', (_, socket) => {
    told.say(`${what} was answered with 101`);
    socket.destroy();
  });
  asked.on('error', (error: NodeJS.ErrnoException) => {
    const failure = error.syscall === 'connect' ? connectFailure(error, address) : `${what} failed: ${wordsOf(error)}`;
    told.say(failure);
  });
  asked.on('close', () => {
    clearTimeout(timer);
    told.say(`${what} was not answered`);
  });
  asked.end();
  return {
    abort() {
      told.silence();
      asked.destroy();
    },
  };
}

function discard(response: IncomingMessage, cut: () => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) cut();
  });
  response.on('error', () => {});
}

/** Of several ends of one check the first is told. */
function once(onEnd: (failure: string | null) => void) {
  let open = true;
  return {
    say(failure: string | null): void {
      if (!open) return;
      open = false;
      onEnd(failure);
    },
    silence(): void {
      open = false;
    },
  };
}

function connectFailure(error: NodeJS.ErrnoException, address: string): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return `connect refused on ${address}`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no way to ${address}`;
    default:
      return `connect to ${address} failed: ${wordsOf(error)}`;
  }
}

function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message;
}

function silence(what: string, timeoutMs: number): string {
  return `${what}: no answer within ${timeoutMs / 1_000} s`;
}

function shown(host: string, port: number): string {
  return hostAndPort(host, port);
}
