import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Opened at once: a backlog of 1024 is more than enough for them. */
const parallel = 64;
const answerMsMax = 10_000;
const request = 'GET /100/00001/page.html HTTP/1.1\r\nHost: bench.test\r\nUser-Agent: idle\r\nAccept: */*\r\n\r\n';
/** The backend's answer to it ends with these hundred letters. */
const bodyEnd = 'x'.repeat(100);

/** Connections that have each had one request answered and now do nothing. */
export class IdleConnections implements Disposable {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  /** Throws when one cannot be opened or gets no 200. */
  static async open(port: number, count: number, signal: AbortSignal): Promise<IdleConnections> {
    const sockets: Socket[] = [];
    const work = async (): Promise<void> => {
      while (sockets.length < count) {
        signal.throwIfAborted();
        const socket = connect({ port, host: '127.0.0.1', noDelay: true });
        sockets.push(socket);
        await oneAnswer(socket);
      }
    };
    try {
      await Promise.all(Array.from({ length: parallel }, work));
    } catch (error) {
      for (const socket of sockets) socket.destroy();
      throw error;
    }
    return new IdleConnections(sockets);
  }

  /** How many the proxy has not closed. */
  get left(): number {
    return this.#sockets.filter(({ readyState }) => readyState === 'open').length;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function oneAnswer(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.setTimeout(answerMsMax, () => reject(new Error(`no answer within ${answerMsMax} ms`)));
  // An error behind the answer shows as a connection that is not left.
  socket.on('error', reject).on('close', () => reject(new Error('closed instead of answered')));
  await Promise.race([once(socket, 'connect'), promise]);
  let text = '';
  socket.on('data', (part: Buffer) => {
    text += part.toString('latin1');
    if (text.endsWith(bodyEnd)) resolve();
  });
  socket.write(request);
  await promise;
  socket.setTimeout(0);
  if (!text.startsWith('HTTP/1.1 200 ')) throw new Error(`no 200 but ${text.slice(0, 20)}`);
}
