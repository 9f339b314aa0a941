import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../base/clock.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { untilSignal } from './until-signal.ts';
import { WebSocketEchoes } from './websocket-echo.ts';
import { WhoamiAnswers } from './whoami-answers.ts';
import { leaveWhoamiMark } from './whoami-mark.ts';

export interface WhoamiOptions {
  readonly port: string;
  readonly host?: string;
  readonly name?: string;
}

/**
 * How long it goes on serving after SIGTERM, because whoever sends it requests hears of the signal no sooner than it does itself.
 * A server that closes at once throws away what has reached its socket and was not read yet.
 */
const lameDuckMs = 250;
/** How long requests may finish after that; Docker kills after 10 s. */
const graceMs = 8_000;

/** `fairlead whoami`: serves until a signal says stop. */
export async function whoami(options: WhoamiOptions, terminal: Terminal): Promise<number> {
  const port = /^\d{1,5}$/.test(options.port) ? Number(options.port) : Number.NaN;
  if (!(port <= 65_535)) {
    terminal.err(`fairlead: --port ${options.port}: expected a port from 1 to 65535, or 0 for a free one\n`);
    return exitCodes.cannotRun;
  }
  let backend: Whoami;
  try {
    backend = await startWhoami({ port, host: options.host, name: options.name || hostname() });
  } catch (error) {
    terminal.err(`fairlead: cannot listen on port ${port}: ${(error as Error).message}\n`);
    return exitCodes.cannotRun;
  }
  terminal.out(`whoami listens on port ${backend.port}\n`);
  const removeMark = leaveWhoamiMark(terminal.env, backend.port);
  await untilSignal({ signals: terminal.signals, clock: systemClock, insisted: () => process.exit(exitCodes.no) });
  removeMark();
  await backend.stop(graceMs);
  return exitCodes.ok;
}

export interface Whoami {
  readonly port: number;
  /**
   * Closes WebSockets with 1001 and event streams, and tells connections that they end with their answer; a moment later stops
   * accepting, and lets requests finish for `graceMs`.
   */
  stop(graceMs: number): Promise<void>;
}

/** Starts the echo backend. */
export async function startWhoami(about: {
  readonly port: number;
  readonly host?: string | undefined;
  readonly name: string;
}): Promise<Whoami> {
  const answers = new WhoamiAnswers(about.name);
  const echoes = new WebSocketEchoes();
  // Bodies of any length are counted, for hours if need be.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 75_000 }, (request, response) =>
    answers.answer(request, response),
  );
  server.on('upgrade', (request, socket, head) => echoes.accept(request, socket, head));
  server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: about.port, host: about.host }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop(graceMs) {
      answers.close();
      echoes.close();
      await sleep(lameDuckMs);
      echoes.close();
      await closeWithin(server, graceMs);
    },
  };
}

/** Idle connections end at once, busy ones with their answer. */
function closeWithin(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
