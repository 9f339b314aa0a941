import type { Outcome } from './attempt.ts';
import { problemOf } from './certificate-problem.ts';
import type { KeeperTools } from './keeper-tools.ts';
import type { Pursuit } from './pursuit.ts';

/** Notes what came of an attempt, and says it in the log. A certificate has been taken by then. */
export function conclude(pursuit: Pursuit, outcome: Outcome, { log, clock }: KeeperTools): void {
  const { names } = pursuit.wanted;
  switch (outcome.kind) {
    case 'issued': {
      const { certificate, issuer } = outcome.held;
      log.info({ names, issuer, notAfter: new Date(certificate.notAfterMs) }, 'certificate issued');
      if (certificate.notAfterMs <= clock.now() || certificate.notBeforeMs > clock.now())
        log.warn(
          { names, notBefore: new Date(certificate.notBeforeMs) },
          'by the clock of this machine a certificate that was just issued is not valid: is the clock right?',
        );
      break;
    }
    case 'found':
      log.info(
        { names, notAfter: new Date(outcome.held.certificate.notAfterMs) },
        'certificate taken from the shared store',
      );
      break;
    case 'failed': {
      const { failure, issuer, findings, nextAttemptMs } = outcome;
      pursuit.failures++;
      pursuit.notBeforeMs = nextAttemptMs;
      pursuit.pause = '';
      pursuit.problem = problemOf(failure, { issuer, names, findings, nowMs: clock.now() });
      const { cause, remedy, detail, type } = pursuit.problem;
      const nextAttempt = new Date(nextAttemptMs);
      log.warn(
        { names, issuer, type, detail, remedy, failures: pursuit.failures, nextAttempt },
        `no certificate for ${names[0]}: ${cause}`,
      );
      break;
    }
    case 'not-yet':
      pursuit.notBeforeMs = outcome.notBeforeMs;
      pursuit.pause = outcome.why;
      log.debug({ names, why: outcome.why }, 'a certificate has to wait');
      break;
    case 'would-be-issued':
    case 'given-up':
      break;
    default:
      outcome satisfies never;
  }
}
