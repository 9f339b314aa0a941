import type { Clock } from '../../base/clock.ts';
import type { CertificateProblem } from '../certificate-view.ts';
import type {
  HeldCertificate,
  RenewAnswer,
  RenewedCertificate,
  RenewRequest,
  TriedCertificate,
} from '../renew-answer.ts';
import type { WantedCertificate } from '../wanted.ts';
import type { Outcome } from './attempt.ts';
import { problemOf } from './certificate-problem.ts';
import type { Pursuit } from './pursuit.ts';
import type { Pursuits } from './pursuits.ts';

/** Dry runs of one request: it waits for all of them. */
const triedMax = 20;

/** What comes of a person's wish to have certificates ordered now; of a dry run when all orders have ended. */
export async function renewed(
  wanted: readonly WantedCertificate[],
  about: { readonly request: RenewRequest; readonly pursuits: Pursuits; readonly clock: Pick<Clock, 'now'> },
): Promise<RenewAnswer> {
  const { request, pursuits, clock } = about;
  const [first] = wanted;
  if (first === undefined) return { kind: 'no-certificate' };
  const pursued = wanted.map(({ id }) => pursuits.get(id)).filter((pursuit) => pursuit !== undefined);
  if (pursued.length === 0) return { kind: 'nothing-to-order', why: whyNothing(first) };
  if (!request.dry) return begin(pursued, pursuits);
  // One after the other: names of one machine share its connection.
  const tried: TriedCertificate[] = [];
  for (const pursuit of pursued.slice(0, triedMax)) {
    const outcome = await pursuits.rehearse(pursuit);
    tried.push(triedOf(pursuit, outcome, clock.now()));
  }
  for (const pursuit of pursued.slice(triedMax)) {
    const why = `a dry run tries ${triedMax} certificates: name a host`;
    tried.push(triedOf(pursuit, { kind: 'not-yet', notBeforeMs: clock.now(), why }, clock.now()));
  }
  return { kind: 'tried', tried };
}

function begin(pursued: readonly Pursuit[], pursuits: Pursuits): RenewAnswer {
  const begun: RenewedCertificate[] = [];
  const held: HeldCertificate[] = [];
  for (const pursuit of pursued) {
    const { under } = pursuit;
    const { names } = pursuit.wanted;
    // What is asked for is under way already.
    const permit = under === null ? pursuits.permit(pursuit, 'asked') : { ok: true as const, issuer: under.issuer };
    if (permit.ok) begun.push({ names, issuer: permit.issuer });
    else held.push({ names, why: permit.why, notBefore: isoOrNever(permit.notBeforeMs) });
    if (permit.ok && under === null) pursuits.insist(pursuit);
  }
  return { kind: 'begun', begun, held };
}

function triedOf({ wanted: { names } }: Pursuit, outcome: Outcome, nowMs: number): TriedCertificate {
  switch (outcome.kind) {
    case 'would-be-issued':
      return { names, issuer: outcome.issuer, problem: null };
    case 'issued':
    case 'found':
      return { names, issuer: outcome.held.issuer, problem: null };
    case 'failed': {
      const { issuer, failure, findings } = outcome;
      return { names, issuer, problem: problemOf(failure, { issuer, names, findings, nowMs }) };
    }
    case 'not-yet':
      return { names, issuer: '', problem: notTried(outcome.why, { nowMs, againMs: outcome.notBeforeMs }) };
    case 'given-up':
      return { names, issuer: '', problem: notTried('the proxy is ending', { nowMs, againMs: nowMs }) };
    default:
      return outcome satisfies never;
  }
}

function notTried(why: string, { nowMs, againMs }: { nowMs: number; againMs: number }): CertificateProblem {
  return {
    at: new Date(nowMs).toISOString(),
    ...{ issuer: '', type: '', status: null, detail: why, subproblems: [] },
    cause: `No order can be tried now: ${why}.`,
    remedy: 'Try again later.',
    retryAfter: isoOrNever(againMs),
  };
}

function whyNothing({ source, names }: WantedCertificate): string {
  switch (source.kind) {
    case 'internal':
      return `${names[0]} has a certificate of the internal CA, which renews it by itself`;
    case 'file':
      return `${names[0]} has the certificate of the files of cert:${source.name}: replace them, they are read at once`;
    case 'none':
      return source.why;
    case 'acme':
      return `${names[0]} is being set up`;
    default:
      return source satisfies never;
  }
}

/** A year is never, for something that somebody waits for. */
function isoOrNever(ms: number): string {
  return new Date(Math.min(ms, Date.UTC(9999, 0))).toISOString();
}
