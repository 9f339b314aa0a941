import { AcmeFailure, type AcmeProblem, type OrderStage } from '../../../src/tls/acme/failure.ts';

/** A failed order; `type` without its urn. */
export function failure(
  stage: OrderStage,
  about: {
    readonly type?: string;
    readonly detail?: string;
    readonly status?: number | null;
    readonly names?: readonly string[];
    readonly retryAfterMs?: number;
  } = {},
): AcmeFailure {
  const type = about.type === undefined ? '' : `urn:ietf:params:acme:error:${about.type}`;
  const detail = about.detail ?? 'it went wrong';
  const subproblems: AcmeProblem['subproblems'] = (about.names ?? []).map((name) => ({ name, type, detail }));
  const problem = { type, status: about.status ?? (type === '' ? null : 403), detail, subproblems };
  return new AcmeFailure(problem, { stage, retryAfterMs: about.retryAfterMs ?? null });
}
