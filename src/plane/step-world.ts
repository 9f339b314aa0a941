import { PasswordDesk } from '../auth/password-desk.ts';
import { isPasswordOf } from '../auth/password-hash.ts';
import { systemClock } from '../base/clock.ts';
import { Compressors, compressorsMax } from '../compress/compressors.ts';
import type { UpstreamTransport } from '../http/transport.ts';
import { BucketTable } from '../limit/bucket-table.ts';
import { SharedBuckets, type SharedCounter } from '../limit/shared-buckets.ts';
import { WaitingLine } from '../limit/waiting-line.ts';
import type { StepWorld } from '../steps/step-world.ts';
import type { WorkerSeat } from './messages.ts';
import { processClock } from './process-clock.ts';

/** Requests of one worker that wait for their turn (`proxy.limit.delay`). */
const waitersMax = 10_000;

/** What the steps of a worker's routes work with. @param counter of all proxies; null = there is only this one. */
export function workerStepWorld(
  { buckets }: Pick<WorkerSeat, 'buckets'>,
  upstream: UpstreamTransport,
  counter: SharedCounter | null = null,
): StepWorld {
  return {
    buckets: new SharedBuckets(new BucketTable(buckets, processClock()), counter),
    line: new WaitingLine(systemClock, { waitersMax }),
    passwords: new PasswordDesk(systemClock, isPasswordOf),
    compressors: new Compressors({ compressorsMax }),
    clock: systemClock,
    upstream,
  };
}
