import type { Reason } from '../http/failure.ts';
import type { ResponseHead } from '../http/head.ts';

/** What a client gets from a step in the place of its backend. */
export type StepAnswer =
  /** A failure of the table; `status` in place of the table's, `fields` on top of, or in place of, its header fields. */
  | {
      readonly kind: 'failure';
      readonly reason: Reason;
      readonly status?: number;
      readonly fields?: Readonly<Record<string, string>>;
    }
  /** `reason` is for the access log. */
  | { readonly kind: 'answer'; readonly head: ResponseHead; readonly body: Uint8Array; readonly reason: Reason | null }
  /** 204: all there is to say is said in headers, by the steps of the response. */
  | { readonly kind: 'no-content' };
