import type { Socket } from 'node:net';
import { ProxyFailure } from '../../http/failure.ts';
import type { ListenOptions } from '../../http/transport.ts';
import { refusalBytes } from '../node/refusal-bytes.ts';
import { lingerBytesMax } from './connection-world.ts';
import type { RefusedHead } from './request-reader.ts';

/** The end of a client connection after its last answer: what still comes is thrown away, up to a bound. */
export class Farewell {
  readonly #socket: Socket;
  #bytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** An answer in the engine's name, the last one on this connection. */
  refuse({ options }: { readonly options: ListenOptions }, { reason, accept, bodyless }: RefusedHead): void {
    const answer = options.refuse(new ProxyFailure(reason, { source: 'client' }), { accept });
    this.#socket.write(refusalBytes(answer, { bodyless }));
  }

  /** Says that nothing more comes, and listens until the client has said the same. */
  begin(): void {
    this.#socket.resume();
    this.#socket.end();
  }

  hear(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > lingerBytesMax) this.#socket.destroy();
  }
}
