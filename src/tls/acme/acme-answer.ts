import { retryAfterMs } from '../../http/retry-after.ts';
import { AcmeFailure, type OrderStage } from './failure.ts';
import { issuerText } from './issuer-text.ts';
import { problemDocument } from './problem-document.ts';

/** What an issuer answered. */
export interface AcmeAnswer {
  readonly status: number;
  /** JSON as it is, anything else as text. */
  readonly data: unknown;
  /** '' where the answer has no such field. */
  readonly location: string;
  readonly retryAfter: string;
}

/** The failure that an answer with a status other than 2xx means. */
export function refusal(answer: AcmeAnswer, about: { stage: OrderStage; nowMs: number }): AcmeFailure {
  const { status, location, data } = answer;
  const problem = problemDocument(data, status) ?? {
    type: '',
    status,
    detail: `the issuer answered ${status}${location === '' ? '' : ` to ${issuerText(location)}`}; ${quote(data)}`,
    subproblems: [],
  };
  return new AcmeFailure(problem, { stage: about.stage, retryAfterMs: retryAfterMs(answer.retryAfter, about.nowMs) });
}

/** The failure that an answer means whose status is fine and which is nothing that ACME knows. */
export function nonsense(what: string, about: { stage: OrderStage; data?: unknown; cause?: unknown }): AcmeFailure {
  const seen = 'data' in about ? `; ${quote(about.data)}` : '';
  return new AcmeFailure(
    { type: '', status: null, detail: `the issuer's answer makes no sense: ${what}${seen}`, subproblems: [] },
    { stage: about.stage, cause: about.cause },
  );
}

function quote(data: unknown): string {
  const text = typeof data === 'string' ? data.replace(/<[^>]*>/g, ' ') : (JSON.stringify(data) ?? '');
  const line = issuerText(text).slice(0, 200);
  return line === '' ? 'its body is empty' : `it says: ${line}`;
}
