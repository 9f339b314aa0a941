import type { Certificate } from '../certificate.ts';

/** When an issuer suggests to renew (ARI, RFC 9773 §4.2); epoch ms. */
export interface RenewalWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** What of a certificate its renewal depends on. */
export type Renewable = Pick<Certificate, 'id' | 'notBeforeMs' | 'notAfterMs'>;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/** Below this two thirds would leave too little time for a failure or two: Let's Encrypt advises half. */
const shortLifeMs = 10 * dayMs;

/** Certificates made together are not renewed together: up to this share of the life earlier. */
const jitterShare = 0.05;

/** A tenth of the life is left for failures, whatever the issuer suggests. */
const reserveShare = 0.1;

/**
 * When a certificate is to be renewed, in epoch ms; in the past where it is overdue, and always before it ends. Within the
 * issuer's window where it suggests one, else at two thirds of the life, or half of it where that is less than ten days. The same
 * certificate always gets the same moment: chance is its own fingerprint, so that no restart draws again.
 */
export function renewalDueMs(certificate: Renewable, window: RenewalWindow | null): number {
  const { notBeforeMs, notAfterMs } = certificate;
  const lifeMs = Math.max(0, notAfterMs - notBeforeMs);
  const chance = chanceOf(certificate);
  const latestMs = notAfterMs - reserveShare * lifeMs;
  const share = lifeMs < shortLifeMs ? 1 / 2 : 2 / 3;
  const dueMs =
    window === null
      ? notBeforeMs + lifeMs * (share - jitterShare * chance)
      : window.startMs + Math.max(0, window.endMs - window.startMs) * chance;
  return Math.floor(Math.min(dueMs, latestMs));
}

/**
 * How long a renewal that failed may wait for its next attempt at most: an eighth of the time that is left, so that attempts become
 * more frequent towards the end; a day at most, and an hour (less for short lives, but never less than a minute) at least. For
 * `OrderLedger.fail`, whose limits hold all the same.
 */
export function retryWaitMsMax({ notBeforeMs, notAfterMs }: Renewable, nowMs: number): number {
  const lifeMs = Math.max(0, notAfterMs - notBeforeMs);
  const leastMs = Math.min(60 * minuteMs, Math.max(minuteMs, lifeMs / 20));
  return Math.round(Math.min(dayMs, Math.max(leastMs, (notAfterMs - nowMs) / 8)));
}

/** 0 ≤ x < 1, from the SHA-256 of the certificate. */
function chanceOf({ id }: Renewable): number {
  return Number.parseInt(id.slice(0, 8), 16) / 2 ** 32;
}
