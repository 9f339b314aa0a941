import type {
  HeldCertificate,
  RenewAnswer,
  RenewedCertificate,
  RenewRequest,
  TriedCertificate,
} from '../renew-answer.ts';
import type { WantedCertificate } from '../wanted.ts';
import { problemOf } from './certificate-problem.ts';
import type { Pursuit } from './pursuit.ts';
import type { Pursuits } from './pursuits.ts';

/** What comes of a person's wish to have certificates ordered now; of a dry run when all orders have ended. */
export async function renewed(
  wanted: readonly WantedCertificate[],
  about: { readonly request: RenewRequest; readonly pursuits: Pursuits; readonly nowMs: number },
): Promise<RenewAnswer> {
  const { request, pursuits, nowMs } = about;
  const [first] = wanted;
  if (first === undefined) return { kind: 'no-certificate' };
  const pursued = wanted.map(({ id }) => pursuits.get(id)).filter((pursuit) => pursuit !== undefined);
  if (pursued.length === 0) return { kind: 'nothing-to-order', why: whyNothing(first) };
  if (!request.dry) return begin(pursued, pursuits);
  // One after the other: names of one machine share its connection, and nobody waits for a dry run of hundreds.
  const tried: TriedCertificate[] = [];
  for (const pursuit of pursued) tried.push(await rehearse(pursuit, pursuits, nowMs));
  return { kind: 'tried', tried };
}

function begin(pursued: readonly Pursuit[], pursuits: Pursuits): RenewAnswer {
  const begun: RenewedCertificate[] = [];
  const held: HeldCertificate[] = [];
  for (const pursuit of pursued) {
    const { names } = pursuit.wanted;
    const permit = pursuits.permit(pursuit, 'asked');
    if (permit.ok) {
      begun.push({ names, issuer: permit.issuer });
      if (pursuit.under === null) void pursuits.insist(pursuit);
    } else held.push({ names, why: permit.why, notBefore: isoOrNever(permit.notBeforeMs) });
  }
  return { kind: 'begun', begun, held };
}

async function rehearse(pursuit: Pursuit, pursuits: Pursuits, nowMs: number): Promise<TriedCertificate> {
  const { names } = pursuit.wanted;
  const outcome = await pursuits.rehearse(pursuit);
  switch (outcome.kind) {
    case 'would-be-issued':
    case 'issued':
      return { names, issuer: outcome.kind === 'issued' ? outcome.held.issuer : outcome.issuer, problem: null };
    case 'failed': {
      const { issuer, failure, findings } = outcome;
      return { names, issuer, problem: problemOf(failure, { issuer, names, findings, nowMs }) };
    }
    case 'not-yet': {
      const [at, retryAfter] = [new Date(nowMs).toISOString(), isoOrNever(outcome.notBeforeMs)];
      const cause = `No order can be tried now: ${outcome.why}.`;
      const nothing = { issuer: '', type: '', status: null, detail: outcome.why, subproblems: [] };
      return { names, issuer: '', problem: { at, ...nothing, cause, remedy: 'Try again later.', retryAfter } };
    }
    default:
      return outcome satisfies never;
  }
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
