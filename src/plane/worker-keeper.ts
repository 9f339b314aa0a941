import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerSeat } from './messages.ts';
import { siblingModule } from './module-url.ts';
import { RestartPace } from './restart-pace.ts';

/** What a keeper has to ask and to tell. */
export interface KeeperWorld {
  /** What a worker that starts now is born with. */
  seat(keeper: WorkerKeeper): WorkerSeat;
  /** What the others have been told, and it must know as well. */
  told(): readonly ToWorker[];
  onMessage(from: WorkerKeeper, message: FromWorker): void;
  /** @returns whether the next one starts, after a pause. */
  onExit(keeper: WorkerKeeper, cause: string): boolean;
}

/** Keeps one worker thread alive: another takes its number when it has died. */
export class WorkerKeeper {
  readonly number: number;
  readonly #world: KeeperWorld;
  #worker: Worker | null = null;
  readonly #pace = new RestartPace();
  listening = false;
  appliedVersion = 0;
  challengesVersion = 0;
  drained = false;
  /** Was asked to, and has not said that it has. */
  looking = false;

  constructor(number: number, world: KeeperWorld) {
    this.number = number;
    this.#world = world;
    this.#start();
  }

  send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  /** One question at a time: those that a stuck worker does not take would pile up. */
  look(): void {
    if (this.looking || this.#worker === null) return;
    this.looking = true;
    this.send({ type: 'look' });
  }

  #start(): void {
    const worker = new Worker(siblingModule('worker', import.meta.url), {
      workerData: this.#world.seat(this) satisfies WorkerSeat,
    });
    const startedMs = performance.now();
    let cause = 'exited';
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#world.onMessage(this, message));
    worker.on('error', (error) => {
      cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('exit', () => {
      this.#worker = null;
      this.looking = false;
      this.listening = false;
      this.appliedVersion = 0;
      this.challengesVersion = 0;
      if (!this.#world.onExit(this, cause)) return;
      setTimeout(() => this.#start(), this.#pace.pauseMs(performance.now() - startedMs));
    });
    for (const message of this.#world.told()) this.send(message);
  }
}
