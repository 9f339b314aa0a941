import type { Deadlined, Deadlines } from './deadlines.ts';

/** What a client is held to while its request is served. */
export interface Pace {
  /** How long it may owe the next part of its body, or leave what it was given untaken. */
  readonly stallMs: number;
  /** What its body must bring within that time. */
  readonly paceBytes: number;
}

/**
 * Until when a client is waited for. The backend's time is the backend's; ours to watch are only bytes that the client owes or
 * does not take.
 */
export class Patience implements Deadlined {
  deadlineMs = Infinity;
  readonly onDeadline: () => void;
  readonly #deadlines: Deadlines;
  readonly #stallMs: number;
  readonly #paceBytes: number;
  #owed: 'nothing' | 'body' | 'reading' = 'nothing';
  /** Body bytes since the deadline was set. */
  #bytes = 0;

  constructor(deadlines: Deadlines, { stallMs, paceBytes }: Pace, onDeadline: () => void) {
    this.#deadlines = deadlines;
    this.#stallMs = stallMs;
    this.#paceBytes = paceBytes;
    this.onDeadline = () => {
      this.rest();
      onDeadline();
    };
    deadlines.add(this);
  }

  /** So long from now, whatever comes meanwhile. */
  until(ms: number): void {
    this.#owed = 'nothing';
    this.deadlineMs = this.#deadlines.after(ms);
  }

  /** For ever, until `owes` says otherwise. */
  rest(): void {
    this.#owed = 'nothing';
    this.deadlineMs = Infinity;
  }

  /** So many bytes of the body have come. */
  came(bytes: number): void {
    this.#bytes += bytes;
  }

  /**
   * The client owes the next part of its body, or that it takes what it was given, or nothing. While it owes the same as before
   * its time runs on; a body that keeps the pace gets new time, so that one byte now and then does not hold a backend for ever.
   */
  owes(what: 'nothing' | 'body' | 'reading'): void {
    if (what === this.#owed && (what !== 'body' || this.#bytes < this.#paceBytes)) return;
    this.#owed = what;
    this.#bytes = 0;
    this.deadlineMs = what === 'nothing' ? Infinity : this.#deadlines.after(this.#stallMs);
  }

  /** The connection has ended. */
  end(): void {
    this.#deadlines.delete(this);
  }
}
