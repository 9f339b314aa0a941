import { plainCause } from '../acme/cause.ts';
import type { CauseAbout } from '../acme/cause-rule.ts';
import type { AcmeFailure } from '../acme/failure.ts';
import type { CertificateProblem } from '../certificate-view.ts';

/** A failure as people are shown it. */
export function problemOf(failure: AcmeFailure, about: CauseAbout & { readonly nowMs: number }): CertificateProblem {
  const { problem, retryAfterMs } = failure;
  const { cause, remedy } = plainCause(failure, about);
  return {
    at: new Date(about.nowMs).toISOString(),
    issuer: about.issuer,
    ...problem,
    cause,
    remedy,
    retryAfter: retryAfterMs === null ? null : new Date(retryAfterMs).toISOString(),
  };
}
