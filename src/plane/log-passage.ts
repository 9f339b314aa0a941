import { closeSync } from 'node:fs';
import type { LogMessage, SpanMessage, WorkerPlan } from './messages.ts';

/** What the data plane's main thread does for access logs and spans: who holds the descriptor, and what is on its way to the control plane. */
export class LogPassage<Worker> {
  readonly #send: (message: LogMessage | SpanMessage, taken: () => void) => void;
  /** While workers may write to it; null = the control plane writes. */
  #fd: number | null = null;
  /** Given up, but workers have something left to write there. */
  #old: number | null = null;
  readonly #holders = new Set<Worker>();
  #underWay = 0;

  /** @param send calls `taken` when the message was taken, or when there is nobody any more who would. */
  constructor(send: (message: LogMessage | SpanMessage, taken: () => void) => void) {
    this.#send = send;
  }

  /** Nothing is on its way. */
  get isIdle(): boolean {
    return this.#underWay === 0;
  }

  open(fd: WorkerPlan['accessLogFd']): void {
    this.#fd = typeof fd === 'number' ? fd : null;
  }

  /** The plan for a worker that starts now. */
  planFor(worker: Worker, plan: WorkerPlan): WorkerPlan {
    if (typeof plan.accessLogFd !== 'number') return plan;
    if (this.#fd === null) return { ...plan, accessLogFd: 'relay' };
    this.#holders.add(worker);
    return plan;
  }

  pass(message: LogMessage | SpanMessage, taken: () => void): void {
    this.#underWay++;
    this.#send(message, () => {
      this.#underWay--;
      taken();
    });
  }

  /** The file has moved: workers let go of the descriptor when they are told. */
  reopen(): void {
    this.#old ??= this.#fd;
    this.#fd = null;
  }

  /** A file that was removed takes its room on the disk until the last who had it open lets go. */
  release(worker: Worker): void {
    this.#holders.delete(worker);
    if (this.#old === null || this.#holders.size > 0) return;
    if (this.#old > 2) closeSync(this.#old);
    this.#old = null;
  }
}
