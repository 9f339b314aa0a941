/**
 * The data plane's main thread: keeps the workers alive and passes messages. It runs as an unprivileged process without the
 * Docker socket and serves no traffic itself, so that nothing a client sends can block it.
 */
import { Worker } from 'node:worker_threads';
import { censusMemory } from '../engine/census.ts';
import { mergeTraffic, type Traffic } from '../proxy/traffic.ts';
import type { FromDataPlane, FromWorker, ToDataPlane, ToWorker, WorkerSeat } from './messages.ts';
import { siblingModule } from './module-url.ts';
import { type PackedTable, withKnown } from './packed-table.ts';

/** A worker that dies again and again is restarted at this pace at most; the first time at once. */
const restartPauseMsMax = 5_000;
/** A worker that lived this long starts with a clean record. */
const healthyAfterMs = 10_000;

const say = (message: FromDataPlane): void => {
  if (process.connected) process.send?.(message);
};

class WorkerKeeper {
  readonly #seat: WorkerSeat;
  readonly #onMessage: (from: WorkerKeeper, message: FromWorker) => void;
  #worker: Worker | null = null;
  #deaths = 0;
  listening = false;
  appliedVersion = 0;
  drained = false;

  constructor(seat: WorkerSeat, onMessage: (from: WorkerKeeper, message: FromWorker) => void) {
    this.#seat = seat;
    this.#onMessage = onMessage;
    this.#start();
  }

  send(message: ToWorker): void {
    this.#worker?.postMessage(message);
  }

  #start(): void {
    const worker = new Worker(siblingModule('worker', import.meta.url), { workerData: this.#seat });
    const startedMs = performance.now();
    let cause = 'exited';
    this.#worker = worker;
    worker.on('message', (message: FromWorker) => this.#onMessage(this, message));
    worker.on('error', (error) => {
      cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    worker.on('exit', () => {
      this.#worker = null;
      this.listening = false;
      this.appliedVersion = 0;
      if (draining) {
        this.drained = true;
        leaveWhenDrained();
        return;
      }
      this.#deaths = performance.now() - startedMs > healthyAfterMs ? 0 : this.#deaths + 1;
      const pauseMs = this.#deaths <= 1 ? 0 : Math.min(restartPauseMsMax, 100 * 2 ** this.#deaths);
      say({ type: 'worker-restarted', cause });
      setTimeout(() => this.#start(), pauseMs);
    });
    if (table !== null) worker.postMessage({ type: 'table', table } satisfies ToWorker);
  }
}

let table: PackedTable | null = null;
let draining = false;
let keepers: WorkerKeeper[] = [];
/** Answers to a question about traffic that have come in so far, by the number of the question. */
const asked = new Map<number, Traffic[]>();
const askedMax = 100;

function fromWorker(keeper: WorkerKeeper, message: FromWorker): void {
  switch (message.type) {
    case 'listening':
      keeper.listening = true;
      if (keepers.every(({ listening }) => listening)) say({ type: 'listening' });
      break;
    case 'applied':
      keeper.appliedVersion = message.version;
      if (keepers.every(({ appliedVersion }) => appliedVersion >= message.version)) say(message);
      break;
    case 'traffic':
      collectTraffic(message.ask, message.traffic);
      break;
    case 'drained':
      keeper.drained = true;
      leaveWhenDrained();
      break;
    default:
      message satisfies never;
  }
}

function start({ plan, workers }: Extract<ToDataPlane, { type: 'start' }>): void {
  const census = censusMemory(workers);
  keepers = Array.from({ length: workers }, (_, number) => new WorkerKeeper({ plan, census, number }, fromWorker));
}

function collectTraffic(ask: number, traffic: Traffic): void {
  const answers = asked.get(ask);
  if (answers === undefined) return;
  answers.push(traffic);
  if (answers.length < keepers.length) return;
  asked.delete(ask);
  say({ type: 'traffic', ask, traffic: mergeTraffic(answers) });
}

function leaveWhenDrained(): void {
  if (keepers.every(({ drained }) => drained)) process.exit(0);
}

function toWorkers(message: ToWorker): void {
  for (const keeper of keepers) keeper.send(message);
}

process.on('message', (message: ToDataPlane) => {
  switch (message.type) {
    case 'start':
      start(message);
      return;
    case 'table':
      table = withKnown(message.table, table);
      break;
    case 'traffic':
      asked.set(message.ask, []);
      for (const old of asked.keys()) if (asked.size > askedMax) asked.delete(old);
      break;
    case 'drain':
      draining = true;
      setTimeout(() => process.exit(0), message.graceMs + 1_000).unref();
      break;
    case 'withdraw':
      break;
    default:
      message satisfies never;
  }
  toWorkers(message);
});

// Ctrl-C reaches the whole process group; when to leave is the control plane's decision.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
// Without a control plane nobody would ever tell us of a change: finish what is in flight and give the ports back.
process.on('disconnect', () => {
  draining = true;
  toWorkers({ type: 'drain', graceMs: 5_000 });
  setTimeout(() => process.exit(1), 6_000).unref();
});
