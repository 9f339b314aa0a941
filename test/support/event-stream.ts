import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { TestContext } from 'node:test';

export interface ServerEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One who listens to `/events` over a socket of its own, and leaves with the test. */
export interface EventStream {
  readonly response: IncomingMessage;
  /** Events that have come and were not taken, and then those that come; null at the end. */
  next(): Promise<ServerEvent | null>;
  /** Comments so far. */
  readonly comments: string[];
  leave(): void;
}

export function listenTo(t: TestContext, to: RequestOptions): Promise<EventStream> {
  const { promise, resolve, reject } = Promise.withResolvers<EventStream>();
  const events: ServerEvent[] = [];
  const comments: string[] = [];
  const waiting: ((event: ServerEvent | null) => void)[] = [];
  let ended = false;
  const take = (event: ServerEvent): void => {
    const next = waiting.shift();
    if (next === undefined) events.push(event);
    else next(event);
  };
  const asked = request({ host: '127.0.0.1', path: '/events', agent: false, ...to }, (response) => {
    let text = '';
    const end = (): void => {
      ended = true;
      for (const next of waiting.splice(0)) next(null);
    };
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
        const block = readBlock(text.slice(0, at));
        text = text.slice(at + 2);
        if (typeof block === 'string') comments.push(block);
        else if (block !== null) take(block);
      }
    });
    response.on('end', end).on('error', end);
    resolve({
      response,
      comments,
      next: () => {
        const event = events.shift();
        if (event !== undefined || ended) return Promise.resolve(event ?? null);
        return new Promise((found) => waiting.push(found));
      },
      leave: () => response.destroy(),
    });
  });
  asked.on('error', reject).end();
  t.after(() => asked.destroy());
  return promise;
}

/** As browsers read it (HTML Living Standard §9.2.6): an event, a comment, or null for a block without data. */
function readBlock(block: string): ServerEvent | string | null {
  if (block.startsWith(':')) return block.slice(1).trim();
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
  );
  const data = fields.get('data');
  if (data === undefined) return null;
  return { id: fields.get('id') ?? null, event: fields.get('event') ?? 'message', data: JSON.parse(data) };
}
