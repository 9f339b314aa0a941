import type { IncomingMessage, ServerResponse } from 'node:http';
import { hostname, networkInterfaces } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { readDuration } from '../base/duration.ts';
import { readSize } from '../base/size.ts';

const waitMsMax = 3_600_000;
const bytesMax = 10 * 1024 ** 3;
const eventsEveryMs = 1_000;

/**
 * The HTTP side of `whoami`: says what arrived. `?wait=2s` answers later, `?status=418` with that status, `?bytes=1m` with that
 * much; `/health` says ok, `/sse` sends an event each second. A body is counted, never kept.
 */
export class WhoamiAnswers {
  readonly #name: string;
  readonly #streams = new Set<ServerResponse>();
  #closing = false;

  constructor(name: string) {
    this.#name = name;
  }

  answer(request: IncomingMessage, response: ServerResponse): void {
    if (this.#closing) response.setHeader('Connection', 'close');
    response.setHeader('X-Whoami', encodeURIComponent(this.#name));
    const { pathname, searchParams } = new URL(request.url?.startsWith('/') ? `http://h${request.url}` : 'http://h/');
    let bodyBytes = 0;
    request.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length;
    });
    // A client that goes away in the middle has nobody to answer.
    request.on('error', () => response.destroy());
    if (pathname === '/sse') return this.#stream(response);
    request.on('end', () => {
      const waitMs = Math.min(readDuration(searchParams.get('wait') ?? '0') ?? 0, waitMsMax);
      const send = () => this.#send(request, response, { pathname, searchParams, bodyBytes });
      if (waitMs === 0) send();
      else {
        const timer = setTimeout(send, waitMs);
        response.on('close', () => clearTimeout(timer));
      }
    });
  }

  /** Ends the event streams; what is under way may finish, and then its connection ends. */
  close(): void {
    this.#closing = true;
    for (const response of this.#streams) response.end();
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    about: { pathname: string; searchParams: URLSearchParams; bodyBytes: number },
  ): void {
    const { pathname, searchParams, bodyBytes } = about;
    const asked = Number(searchParams.get('status'));
    response.statusCode = Number.isInteger(asked) && asked >= 200 && asked <= 599 ? asked : 200;
    response.setHeader('Content-Type', 'text/plain; charset=utf-8');
    const bytes = readSize(searchParams.get('bytes') ?? '');
    if (bytes !== null && bytes <= bytesMax) {
      response.setHeader('Content-Length', bytes);
      if (request.method === 'HEAD') response.end();
      else pipeline(Readable.from(filler(bytes)), response).catch(() => response.destroy());
      return;
    }
    response.end(pathname === '/health' ? 'ok\n' : this.#text(request, bodyBytes));
  }

  #text(request: IncomingMessage, bodyBytes: number): string {
    const { rawHeaders, socket } = request;
    const lines = [
      `Name: ${this.#name}`,
      `Hostname: ${hostname()}`,
      ...addresses().map((address) => `IP: ${address}`),
      `RemoteAddr: ${socket.remoteAddress}:${socket.remotePort}`,
      `Body: ${bodyBytes} bytes`,
      '',
      `${request.method} ${request.url} HTTP/${request.httpVersion}`,
    ];
    // In the order, case and number in which they came.
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    return `${lines.join('\n')}\n`;
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.#streams.add(response);
    let count = 0;
    const send = () => {
      // Who does not read gets no more, rather than a queue.
      if (response.writableNeedDrain) return;
      response.write(`id: ${count}\nevent: tick\ndata: ${JSON.stringify({ count, name: this.#name })}\n\n`);
      count++;
    };
    send();
    const timer = setInterval(send, eventsEveryMs);
    response.on('close', () => {
      clearInterval(timer);
      this.#streams.delete(response);
    });
    if (this.#closing) response.end();
  }
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
}

const chunk = Buffer.alloc(64 * 1024, 'x');

function* filler(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= chunk.length) yield left >= chunk.length ? chunk : chunk.subarray(0, left);
}
