import type { PasswordDesk } from '../auth/password-desk.ts';
import type { Clock } from '../base/clock.ts';
import type { Compressors } from '../compress/compressors.ts';
import type { UpstreamTransport } from '../http/transport.ts';
import type { SharedBuckets } from '../limit/shared-buckets.ts';
import type { WaitingLine } from '../limit/waiting-line.ts';

/** What the steps of all routes of a worker work with. */
export interface StepWorld {
  readonly buckets: Pick<SharedBuckets, 'take'>;
  readonly line: Pick<WaitingLine, 'wait'>;
  readonly passwords: Pick<PasswordDesk, 'check'>;
  readonly compressors: Compressors;
  readonly clock: Clock;
  /** For questions to other servers. */
  readonly upstream: Pick<UpstreamTransport, 'send'>;
}
