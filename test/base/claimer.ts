import { parentPort, workerData } from 'node:worker_threads';
import { type CounterShape, ThreadCounters } from '../../src/base/shared-counters.ts';

/** One of several threads that take and give back places of which there are `max`, as often as they can; tells how many it saw taken at most. */
const { shape, buffers, turns, thread, number, max, rounds, watch } = workerData as {
  shape: CounterShape;
  buffers: SharedArrayBuffer[];
  turns: SharedArrayBuffer | null;
  thread: number;
  number: number;
  max: number;
  rounds: number;
  /** [those that have places, threads that are ready] */
  watch: Int32Array;
};
const block = new ThreadCounters(shape, buffers, thread, turns).block(number);
let most = 0;
let had = 0;
Atomics.add(watch, 1, 1);
while (Atomics.load(watch, 1) < buffers.length) {
  // All begin together.
}
for (let round = 0; round < rounds; round++) {
  if (!block.addBelow(0, max)) continue;
  had++;
  most = Math.max(most, Atomics.add(watch, 0, 1) + 1);
  Atomics.sub(watch, 0, 1);
  block.add(0, -1);
}
parentPort?.postMessage({ most, had });
