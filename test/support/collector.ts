import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { eventually } from './engine.ts';

/** A span as the proto file of OTLP has it, read by nothing of ours. */
export interface ReadSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** '' = it is a root. */
  readonly parentId: string;
  readonly name: string;
  /** 2 = server, 3 = client (`SpanKind`). */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly flags: number;
  /** Strings and numbers by key. */
  readonly attributes: Readonly<Record<string, string | number>>;
  /** 0 unset, 2 error (`StatusCode`). */
  readonly statusCode: number;
}

/** @throws where it is not as the proto file has it. */
export function readSpan(json: unknown): ReadSpan {
  const span = json as Record<string, unknown>;
  const hex = (key: string, digits: number): string => {
    const text = String(span[key] ?? '');
    if (!new RegExp(`^[0-9a-f]{${digits}}$`).test(text) || /^0+$/.test(text)) throw new Error(`${key} is ${text}`);
    return text;
  };
  const time = (key: string): bigint => {
    if (!/^\d{19}$/.test(String(span[key]))) throw new Error(`${key} is no time in nanoseconds: ${span[key]}`);
    return BigInt(String(span[key]));
  };
  const [startNs, endNs] = [time('startTimeUnixNano'), time('endTimeUnixNano')];
  if (endNs < startNs) throw new Error('it ends before it begins');
  return {
    ...{ traceId: hex('traceId', 32), spanId: hex('spanId', 16) },
    parentId: span.parentSpanId === undefined ? '' : hex('parentSpanId', 16),
    ...{ name: String(span.name), kind: Number(span.kind), startNs, endNs, flags: Number(span.flags) },
    attributes: attributesOf(span.attributes),
    statusCode: Number((span.status as { code?: number } | undefined)?.code ?? 0),
  };
}

function attributesOf(list: unknown): Record<string, string | number> {
  const attributes: Record<string, string | number> = {};
  for (const { key, value } of list as { key: string; value: { stringValue?: string; intValue?: string } }[]) {
    if (key in attributes) throw new Error(`${key} twice`);
    if (value.stringValue !== undefined) attributes[key] = value.stringValue;
    else if (/^-?\d+$/.test(String(value.intValue))) attributes[key] = Number(value.intValue);
    else throw new Error(`${key} has no value that is known here: ${JSON.stringify(value)}`);
  }
  return attributes;
}

export interface Export {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly resource: Readonly<Record<string, string | number>>;
  readonly spans: readonly ReadSpan[];
}

/** A collector that reads OTLP over HTTP in JSON. */
export class Collector {
  readonly exports: Export[] = [];
  /** Requests so far, those that were refused included. */
  asked = 0;
  /** What it answers with in the place of 200. */
  answer: { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string } | null = null;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => void this.#take(request, response));
  }

  /** @param about `port`: 0 = a free one. `tls`: key and certificate. */
  static async open(
    t: TestContext,
    about: { port?: number; tls?: { key: string; cert: string } } = {},
  ): Promise<Collector> {
    const server = about.tls === undefined ? createServer() : createSecureServer(about.tls);
    const collector = new Collector(server as Server);
    server.listen(about.port ?? 0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => collector.close());
    return collector;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get spans(): readonly ReadSpan[] {
    return this.exports.flatMap(({ spans }) => spans);
  }

  /** Waits for spans that are about this host, as many at least. */
  about(host: string, count: number): Promise<readonly ReadSpan[]> {
    return eventually(`${count} spans about ${host}`, async () => {
      const roots = new Set(
        this.spans.filter(({ attributes }) => attributes['server.address'] === host).map(({ traceId }) => traceId),
      );
      const found = this.spans.filter(({ traceId }) => roots.has(traceId));
      return found.length >= count && found;
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    this.asked++;
    if (this.answer === null || this.answer.status === 200) {
      const { resourceSpans } = JSON.parse(body.toString('utf8')) as {
        resourceSpans: { resource: { attributes: unknown }; scopeSpans: { spans: unknown[] }[] }[];
      };
      for (const { resource, scopeSpans } of resourceSpans)
        this.exports.push({
          ...{ path: request.url ?? '', headers: request.headers, resource: attributesOf(resource.attributes) },
          spans: scopeSpans.flatMap(({ spans }) => spans.map(readSpan)),
        });
    }
    const { status, headers = {}, body: text = '{}' } = this.answer ?? { status: 200 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(text);
  }
}
