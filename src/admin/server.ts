import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PasswordDesk } from '../auth/password-desk.ts';
import { isPasswordOf } from '../auth/password-hash.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { listenFailure } from '../base/listen-failure.ts';
import type { Log } from '../base/log.ts';
import { hostAndPort } from '../http/authority.ts';
import { type AccessRules, admit, cookieFor } from './access.ts';
import { errorAnswer } from './admin-answer.ts';
import type { AdminAnswer, AdminContext, AdminSettings } from './admin-context.ts';
import type { ControlView } from './control-view.ts';
import { chooseFormat } from './format.ts';
import { LiveFeed } from './live/live-feed.ts';
import { isLoopback } from './loopback.ts';
import { MetricMemory } from './metrics.ts';
import { contentPolicy } from './page/shell.ts';
import { placeOf, SignInDesk, signInAnswer } from './page/sign-in.ts';
import { answerRequest, isPage } from './router.ts';
import { listenOnSocketFile, socketPath } from './socket-file.ts';
import { AdminUnavailable } from './unavailable.ts';

export interface AdminServer {
  /** Of the TCP listener; null when it is off. */
  readonly port: number | null;
  /** Path of the unix socket. */
  readonly socket: string;
  close(): Promise<void>;
}

/** People and commands ask, not crowds. */
const connectionsMax = 256;
const bodyBytesMax = 64 * 1024;
/** A token and the address that was asked for. */
const formBytesMax = 16 * 1024;

/** What is the same for all requests to a server. */
type Standing = Omit<AdminContext, 'nonce' | 'signedIn'>;

interface Door {
  readonly via: 'socket' | 'tcp';
  readonly rules: AccessRules;
  readonly desk: SignInDesk;
}

/**
 * Opens the admin API on `FAIRLEAD_ADMIN` and on the socket of the commands.
 * @throws AdminUnavailable when an address cannot be had, or a token is missing where it is needed.
 */
export async function startAdmin(about: {
  readonly settings: AdminSettings;
  readonly view: ControlView;
  readonly log: Log;
  readonly clock?: Clock;
}): Promise<AdminServer> {
  const { settings, view, log, clock = systemClock } = about;
  const live = new LiveFeed({ view, settings, clock, log });
  const passwords = new PasswordDesk(clock, isPasswordOf);
  const context: Standing = { view, settings, now: () => clock.now(), memory: new MetricMemory(), live, passwords };
  if (settings.admin !== null && settings.adminToken === null && !isLoopback(settings.admin.host))
    throw new AdminUnavailable('FAIRLEAD_ADMIN can be reached by others, so FAIRLEAD_ADMIN_TOKEN is needed');

  const socket = socketPath(settings.dataDir);
  const servers: Server[] = [];
  const open = (via: 'socket' | 'tcp', rules: AccessRules): Server => {
    const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 });
    server.maxConnections = connectionsMax;
    const door = { via, rules, desk: new SignInDesk(clock) };
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      serve(request, response, door, context).catch((error: unknown) => {
        log.error({ err: error, path: pathOf(request) }, 'the admin API failed to answer');
        if (!response.headersSent) response.writeHead(500, { Connection: 'close' });
        response.destroyed || response.headersSent ? response.destroy() : response.end();
      });
    });
    servers.push(server);
    return server;
  };
  const close = async () => {
    live.close();
    await Promise.all(servers.map(closeServer));
  };

  try {
    await listenOnSocketFile(open('socket', { token: null, boundHost: undefined }), socket);
    if (settings.admin === null) return { port: null, socket, close };
    const { host } = settings.admin;
    const server = open('tcp', { token: settings.adminToken, boundHost: host });
    const port = await listenOnAddress(server, settings.admin);
    return { port, socket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function serve(request: IncomingMessage, response: ServerResponse, door: Door, context: Standing): Promise<void> {
  const form = readBody(request);
  const nonce = randomBytes(16).toString('base64');
  const answer = await decide(request, form, door, { ...context, nonce });
  const headers = {
    'Content-Type': answer.type,
    'Cache-Control': 'no-store',
    'Content-Security-Policy': contentPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    // With `no-referrer` a browser would send `Origin: null` with our own forms (Fetch, "append a request Origin header").
    'Referrer-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    Vary: 'Accept',
    ...answer.headers,
  };
  if (typeof answer.body === 'string') {
    // A 304 has no body, and its length would be that of the body (RFC 9110 §8.6).
    const length = answer.status === 304 ? {} : { 'Content-Length': Buffer.byteLength(answer.body) };
    response.writeHead(answer.status, { ...headers, ...length });
    response.end(answer.body);
    return;
  }
  response.writeHead(answer.status, headers);
  const body = Readable.from(answer.body);
  if (request.method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  // A client that goes away in the middle is no fault of ours.
  await pipeline(body, response).catch(() => response.destroy());
}

async function decide(
  request: IncomingMessage,
  posted: Promise<string>,
  { via, rules, desk }: Door,
  context: Omit<AdminContext, 'signedIn'>,
): Promise<AdminAnswer> {
  const path = pathOf(request);
  const query = new URLSearchParams((request.url ?? '').slice(path.length + 1));
  const { host, origin, authorization, cookie, accept } = request.headers;
  const { 'last-event-id': lastEventId, 'if-none-match': ifNoneMatch } = request.headers;
  const format = chooseFormat(query.get('format'), accept);
  const method = request.method ?? '';
  const knock = { via, path, method, host, origin, authorization, cookie, queryToken: query.get('token') };
  const verdict = admit(knock, rules);
  switch (verdict.kind) {
    case 'refuse': {
      if (verdict.status !== 401) return errorAnswer(verdict.status, verdict.why, format ?? 'json');
      const answer =
        format === 'html'
          ? signInAnswer({
              status: 401,
              to: placeOf(request.url ?? '/', isPage),
              why: query.has('token') ? verdict.why : '',
            })
          : errorAnswer(401, verdict.why, format ?? 'json');
      return { ...answer, headers: { 'WWW-Authenticate': 'Bearer realm="fairlead"' } };
    }
    case 'sign-in': {
      const form = new URLSearchParams(await posted);
      return desk.answer(form, { format: format ?? 'json', cookieFor: (token) => cookieFor(token, rules), isPage });
    }
    case 'login': {
      const headers = { Location: placeOf(request.url ?? '/', isPage), 'Set-Cookie': verdict.cookie };
      return { ...errorAnswer(303, 'signed in', 'text'), headers };
    }
    case 'enter':
      if (format === null) return errorAnswer(400, '`format` is json, text or html', 'json');
      return answerRequest(
        method,
        { path, query, format, lastEventId: lastEventId?.toString(), ifNoneMatch },
        { ...context, signedIn: verdict.by === 'session' },
      );
    default:
      return verdict satisfies never;
  }
}

/**
 * Only a form to sign in has a body of use, and that is short. Of any other a short one is let pass, a long one ends the
 * connection. @returns as much as a form may have.
 */
function readBody(request: IncomingMessage): Promise<string> {
  let bytes = 0;
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= formBytesMax) chunks.push(chunk);
    if (bytes > bodyBytesMax) request.destroy();
  });
  return new Promise((resolve) => {
    const settle = () => resolve(bytes <= formBytesMax ? Buffer.concat(chunks).toString() : '');
    request.on('end', settle).on('close', settle);
  });
}

/** Never with the query, which may hold a token. */
function pathOf(request: IncomingMessage): string {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}

function listenOnAddress(server: Server, { host, port }: { host: string | undefined; port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => {
      const shown = hostAndPort(host ?? '', port);
      reject(new AdminUnavailable(`FAIRLEAD_ADMIN=${shown}: ${listenFailure(error, port)}`, { cause: error }));
    };
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.off('error', onError);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
