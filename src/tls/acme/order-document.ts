import { inner, listAt, shapeOf, textAt } from '../../base/shape.ts';
import { type AcmeAnswer, nonsense } from './acme-answer.ts';
import type { AcmeProblem, OrderStage } from './failure.ts';
import { problemDocument } from './problem-document.ts';

const statuses = ['pending', 'ready', 'processing', 'valid', 'invalid'] as const;

export type OrderStatus = (typeof statuses)[number];

/** An order as its issuer shows it (RFC 8555 §7.1.3). */
export interface OrderDocument {
  readonly url: string;
  readonly status: OrderStatus;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  /** Where the certificate is; null until it is issued. */
  readonly certificate: string | null;
  readonly error: AcmeProblem | null;
}

/** @throws AcmeFailure where the answer is no order. */
export function orderDocument({ data }: AcmeAnswer, url: string, stage: OrderStage): OrderDocument {
  const shape = shapeOf(data);
  const status = statuses.find((name) => name === textAt(shape, 'status'));
  const authorizations = listAt(shape, 'authorizations').filter(isUrl);
  const finalize = textAt(shape, 'finalize');
  const certificate = textAt(shape, 'certificate');
  const fault = !status
    ? 'an order without a status that is known'
    : authorizations.length === 0 || authorizations.length < listAt(shape, 'authorizations').length
      ? 'an order without URLs of its authorizations'
      : !isUrl(finalize)
        ? 'an order without the URL where it is finalized'
        : status === 'valid' && !isUrl(certificate)
          ? 'a valid order without the URL of its certificate'
          : null;
  if (fault !== null || status === undefined) throw nonsense(fault ?? 'no order', { stage, data });
  return {
    url,
    status,
    authorizations,
    finalize,
    certificate: isUrl(certificate) ? certificate : null,
    error: problemDocument(inner(shape, 'error'), null),
  };
}

export function isUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value);
}
