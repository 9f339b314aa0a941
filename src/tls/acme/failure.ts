/** What an issuer says went wrong (RFC 8555 §6.7, RFC 9457), or what kept us from asking it. */
export interface AcmeProblem {
  /** `urn:ietf:params:acme:error:…`; '' where no issuer said so. */
  readonly type: string;
  /** Of the issuer's answer; null where there was none. */
  readonly status: number | null;
  readonly detail: string;
  /** Per name, where the issuer says so. */
  readonly subproblems: readonly { readonly name: string; readonly type: string; readonly detail: string }[];
}

/** How far an order had come. */
export type OrderStage = 'directory' | 'account' | 'order' | 'preflight' | 'challenge' | 'finalize' | 'download';

/** An order that brought no certificate. */
export class AcmeFailure extends Error {
  readonly problem: AcmeProblem;
  readonly stage: OrderStage;
  /** Not before this epoch ms, said the issuer (Retry-After); null = it said nothing. */
  readonly retryAfterMs: number | null;

  constructor(problem: AcmeProblem, about: { stage: OrderStage; retryAfterMs?: number | null; cause?: unknown }) {
    super(problem.detail, { cause: about.cause });
    this.name = 'AcmeFailure';
    this.problem = problem;
    this.stage = about.stage;
    this.retryAfterMs = about.retryAfterMs ?? null;
  }
}
