/**
 * The rate limiter alone, with the product's own functions on its own memory. Arguments: how many clients, how many decisions are timed.
 * Sends one `LimiterLeg`.
 */

import { systemClock } from '../src/base/clock.ts';
import { BucketTable, bucketMemory } from '../src/limit/bucket-table.ts';
import { isAdmitted, type RateTerms } from '../src/limit/gcra.ts';
import { SharedBuckets } from '../src/limit/shared-buckets.ts';
import { WaitingLine } from '../src/limit/waiting-line.ts';
import type { LimitPolicy } from '../src/routing/guards.ts';
import { limitRate } from '../src/steps/limit-rate.ts';
import type { StepContext } from '../src/steps/step.ts';
import type { LimiterLeg } from './limiter.ts';

const [clientsText = '1', decisionsText = '1000000'] = process.argv.slice(2);
const clients = Number(clientsText);
const decisions = Number(decisionsText);
/** Ten a second, and twenty beyond that. */
const terms: RateTerms = { intervalMs: 100, burst: 20 };
/** Nobody is refused, so that all decisions are alike: a thousand million a second. */
const ample: RateTerms = { intervalMs: 1e-6, burst: 20 };
const scope = 7;
/** Made in the order in which they come, so that reading them is cheap: those of a real request have just been made. */
const addresses = Array.from(shuffled(clients), address);

const bytes = bucketMemory().buffer.byteLength;
const leg: LimiterLeg = { clients, bytes, takeNs: timeTakes(), stepNs: timeSteps(), ...spray() };
process.send?.(leg);
process.disconnect?.();

/** The bucket alone: two hashes, a lock, a set of four. */
function timeTakes(): number {
  const table = new BucketTable(bucketMemory(), () => performance.now());
  return timed((address) => table.take(scope, address, ample));
}

/** All that a request pays for the label: key, bucket, how it stands, the two fields of the answer. */
function timeSteps(): number {
  const rate = { count: 1 / ample.intervalMs, perMs: 1 };
  const policy = { rate, burst: ample.burst, delay: false, key: { kind: 'ip' }, scope: 'bench' };
  const table = new BucketTable(bucketMemory(), () => performance.now());
  const line = new WaitingLine(systemClock, { waitersMax: 1 });
  const step = limitRate({ ...policy, status: 429 } as LimitPolicy, new SharedBuckets(table, null), line);
  const context = { clientAddress: '', rate: null } as Partial<StepContext> as StepContext & { clientAddress: string };
  return timed((address) => {
    context.clientAddress = address;
    step.request?.(context);
  });
}

/** CPU of this thread per decision, ns; others that use the machine meanwhile are not in it. */
function timed(decide: (address: string) => unknown): number {
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) decide(addresses[i % clients] as string);
  };
  // The code is compiled, and every client has been seen.
  run(Math.max(clients, 200_000));
  const before = process.threadCpuUsage();
  run(decisions);
  const { user, system } = process.threadCpuUsage(before);
  return ((user + system) * 1_000) / decisions;
}

/**
 * What is still known when all have come: a thousand clients use up what they may at once, then all others come once each,
 * within the second that they are limited for. The clock stands still.
 */
function spray(): Pick<LimiterLeg, 'remembered' | 'limitedBefore' | 'limitedAfter'> {
  const table = new BucketTable(bucketMemory(), () => 1_000_000);
  const greedy = Array.from({ length: 1_000 }, (_, number) => `greedy-${number}`);
  for (const name of greedy) for (let i = 0; i <= terms.burst; i++) table.take(scope, name, terms);
  const isLimited = (name: string): boolean => !isAdmitted(table.take(scope, name, terms), terms);
  const limitedBefore = greedy.filter(isLimited).length;
  for (const address of addresses) table.take(scope, address, terms);
  const limitedAfter = greedy.filter(isLimited).length;
  // Asking is coming again, and puts somebody in: so only as many are asked as change little.
  const asked = Math.min(clients, 10_000);
  const every = Math.floor(clients / asked);
  let known = 0;
  for (let i = 0; i < asked; i++) if (table.take(scope, addresses[i * every] as string, terms) > 0) known++;
  return { remembered: known / asked, limitedBefore, limitedAfter };
}

function address(number: number): string {
  return `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`;
}

/** The numbers below `count` in an order that is the same each time. */
function shuffled(count: number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, number) => number);
  let state = 1;
  for (let i = count - 1; i > 0; i--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (i + 1));
    [numbers[i], numbers[other]] = [numbers[other] as number, numbers[i] as number];
  }
  return numbers;
}
