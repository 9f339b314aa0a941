import type { AcmeFailure } from './failure.ts';

/** Whose fault a failed order is, and so who has to wait. */
export interface Blame {
  /** The issuer does not work, or has had enough of us: no order of anybody is worth trying. */
  readonly issuer: boolean;
  /** Names that failed, as they stand in the order; empty where it is no name's fault. */
  readonly names: readonly string[];
  /** Whether the issuer has seen an order. */
  readonly ordered: boolean;
  /** Whether a certificate may have been issued all the same. */
  readonly issued: boolean;
}

/** @param names of the order. */
export function blameOf({ stage, problem }: AcmeFailure, names: readonly string[]): Blame {
  const named = problem.subproblems.map(({ name }) => name.toLowerCase());
  const failed = names.filter((name) => named.includes(name));
  const blamed = failed.length === 0 ? names : failed;
  switch (stage) {
    case 'directory':
    case 'account':
      return { issuer: true, names: [], ordered: false, issued: false };
    case 'preflight':
      return { issuer: false, names: blamed, ordered: false, issued: false };
    case 'order':
      // The names too: were it their fault after all, they would otherwise hold up everybody else for ever.
      return { issuer: isOfIssuer(problem), names: blamed, ordered: true, issued: false };
    case 'challenge':
      return { issuer: false, names: blamed, ordered: true, issued: false };
    case 'finalize':
    case 'download':
      return { issuer: false, names: blamed, ordered: true, issued: true };
    default:
      return stage satisfies never;
  }
}

/** No answer, an answer that says nothing of names, or a limit that is the account's. */
function isOfIssuer({ type, status, detail }: AcmeFailure['problem']): boolean {
  if (type.endsWith(':rateLimited')) return !/certificates|authorizations|exact set|identifier/i.test(detail);
  return status === null || status >= 500;
}
