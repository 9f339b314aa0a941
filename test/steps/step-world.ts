import { PasswordDesk } from '../../src/auth/password-desk.ts';
import { isPasswordOf } from '../../src/auth/password-hash.ts';
import type { Clock } from '../../src/base/clock.ts';
import { Compressors } from '../../src/compress/compressors.ts';
import { BucketTable, bucketMemory } from '../../src/limit/bucket-table.ts';
import { SharedBuckets } from '../../src/limit/shared-buckets.ts';
import { WaitingLine } from '../../src/limit/waiting-line.ts';
import type { StepWorld } from '../../src/steps/step-world.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** Tests also look how many wait. */
export interface ToldStepWorld extends StepWorld {
  readonly line: WaitingLine;
}

/** What steps work with; its clock stands still until it is told to go on. */
export function stepWorld(clock: Clock = new FakeClock(), upstream: StepWorld['upstream'] = nowhere): ToldStepWorld {
  return {
    buckets: new SharedBuckets(new BucketTable(bucketMemory(64), () => clock.monotonic()), null),
    line: new WaitingLine(clock, { waitersMax: 100 }),
    passwords: new PasswordDesk(clock, isPasswordOf),
    compressors: new Compressors({ compressorsMax: 4 }),
    clock,
    upstream,
  };
}

const nowhere: StepWorld['upstream'] = {
  send: () => {
    throw new Error('these steps ask nobody');
  },
};
