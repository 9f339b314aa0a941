import type { LogLines } from '../proxy/access-log.ts';
import { AccessLogger } from './access-logger.ts';
import { LineBatch } from './line-batch.ts';
import { logFilesMax } from './log-names.ts';

/** Lines never wait for company longer than this. */
const handEveryMs = 200;
const relayedBatchBytes = 32 * 1024;
/** What the control plane has not taken yet: more is dropped. */
const relayedBytesMax = 4 * 1024 * 1024;
/** A file without a line for so many turns is forgotten until the next one. */
const idleTurnsMax = 300;

/** The name of the proxy's own log among the files that are relayed. */
export const mainLog = '';

/** What a worker does not write by itself. */
export interface LogRelay {
  relay(file: string, bytes: Uint8Array, lines: number): void;
  dropped(lines: number): void;
}

interface Relayed {
  readonly batch: LineBatch;
  idleTurns: number;
}

/**
 * The access logs of one worker. The proxy's own goes straight to an open descriptor. Files that labels name are written by
 * the control plane, which has the right to: this process has none to the disk, and a name from a label opens nothing here.
 */
export class AccessLogs implements LogLines {
  readonly #relay: LogRelay;
  readonly #files = new Map<string, Relayed>();
  #main: AccessLogger | null;
  #relayedBytes = 0;
  write: ((line: string) => void) | null;

  /** @param main descriptor; 'relay' = by the control plane as well; null = there is none. */
  constructor(main: number | 'relay' | null, relay: LogRelay) {
    this.#relay = relay;
    this.#main = typeof main === 'number' ? new AccessLogger(main, (lines) => relay.dropped(lines)) : null;
    const logger = this.#main;
    if (logger !== null) this.write = (line) => logger.write(line);
    else this.write = main === null ? null : (line) => this.writeTo(mainLog, line);
    setInterval(() => this.#hand(), handEveryMs).unref();
  }

  writeTo(file: string, line: string): void {
    let to = this.#files.get(file);
    if (to === undefined) {
      if (this.#files.size > logFilesMax) return this.#relay.dropped(1);
      const batch = new LineBatch(relayedBatchBytes, (bytes, lines) => this.#pass(file, bytes, lines));
      to = { batch, idleTurns: 0 };
      this.#files.set(file, to);
    }
    to.idleTurns = 0;
    to.batch.write(line);
  }

  /** The file has moved: the descriptor is let go, which is over when this resolves, and the control plane opens a new one. */
  async reopen(): Promise<void> {
    const before = this.#main;
    if (before === null) return;
    this.#main = null;
    this.write = (line) => this.writeTo(mainLog, line);
    await before.drained();
  }

  /** The control plane has so many bytes more. */
  taken(bytes: number): void {
    this.#relayedBytes -= bytes;
  }

  /** Resolves when everything is out or on its way, or after `timeoutMs`: a full disk keeps nobody from leaving. */
  async close(timeoutMs: number): Promise<void> {
    this.#hand();
    const tooLong = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs));
    await Promise.race([this.#main?.drained(), tooLong]);
  }

  #hand(): void {
    this.#main?.hand();
    for (const [file, to] of this.#files) {
      to.batch.hand();
      if (++to.idleTurns > idleTurnsMax) this.#files.delete(file);
    }
  }

  #pass(file: string, bytes: Uint8Array, lines: number): void {
    if (this.#relayedBytes + bytes.length > relayedBytesMax) return this.#relay.dropped(lines);
    this.#relayedBytes += bytes.length;
    this.#relay.relay(file, bytes, lines);
  }
}
