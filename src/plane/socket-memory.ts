import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Log } from '../base/log.ts';

const lookEveryMs = 1_000;
/** Who has taken nothing for so long does not read, or hardly; on a slow line something moves every few seconds. */
export const stalledMs = 5_000;
/** Of what the kernel calls pressure, from which on every connection of the machine slows down. */
export const scarceFrom = 0.75;
const tellEveryMs = 10_000;
const pageBytes = 4096;

/** Pages that the kernel holds for TCP, and from how many on it is under pressure. */
export interface SocketPages {
  readonly used: number;
  readonly pressure: number;
}

/**
 * Looks after the kernel's memory for sockets. A client that does not read an answer costs us one buffer, but the kernel some
 * megabytes on both sides, and its store is the whole machine's: a few hundred such clients could stop all others. When it
 * runs short, those who read slowest are cut.
 */
export class SocketMemory {
  readonly #log: Log;
  readonly #monotonic: () => number;
  readonly #relieve: (stalledMs: number) => number;
  readonly #read: () => SocketPages | null;
  #cut = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(about: {
    readonly log: Log;
    readonly monotonic: () => number;
    /** Cuts some of those who have taken nothing for so long, and says how many. */
    readonly relieve: (stalledMs: number) => number;
    readonly read?: () => SocketPages | null;
  }) {
    this.#log = about.log;
    this.#monotonic = about.monotonic;
    this.#relieve = about.relieve;
    this.#read = about.read ?? kernelSocketPages;
  }

  watch(): void {
    setInterval(() => this.look(), lookEveryMs).unref();
  }

  look(): void {
    const pages = this.#read();
    if (pages === null || pages.used < scarceFrom * pages.pressure) return;
    this.#cut += this.#relieve(stalledMs);
    const nowMs = this.#monotonic();
    if (this.#cut === 0 || nowMs - this.#toldMs < tellEveryMs) return;
    this.#toldMs = nowMs;
    this.#log.warn(
      { cut: this.#cut, ...pages },
      "the kernel's memory for sockets is scarce: the slowest readers are cut",
    );
  }
}

/** null where the kernel does not say. */
export function kernelSocketPages(): SocketPages | null {
  try {
    return socketPagesOf(readFileSync('/proc/net/sockstat', 'utf8'), tcpMem());
  } catch {
    return null;
  }
}

/** @param limits tcp_mem: three numbers of pages; null where a container does not see them. */
export function socketPagesOf(sockstat: string, limits: string | null): SocketPages | null {
  const used = /^TCP:.* mem (\d+)/m.exec(sockstat)?.[1];
  if (used === undefined) return null;
  const set = Number(limits?.trim().split(/\s+/)[1]);
  // What the kernel sets for itself at its start: a sixteenth of the memory.
  return { used: Number(used), pressure: set > 0 ? set : totalmem() / pageBytes / 16 };
}

function tcpMem(): string | null {
  try {
    return readFileSync('/proc/sys/net/ipv4/tcp_mem', 'utf8');
  } catch {
    return null;
  }
}
