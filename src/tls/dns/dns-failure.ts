import { AcmeFailure } from '../acme/failure.ts';

/** No issuer was asked: a TXT record could not be set. `detail` is a sentence for people, and never holds a secret. */
export function dnsFailure(
  detail: string,
  about: { readonly retryAfterMs?: number | null; readonly cause?: unknown } = {},
): AcmeFailure {
  return new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'challenge', ...about });
}

/** Words of others, fit for a sentence of ours: one line without control characters, cut. */
export function foreignText(text: string, charsMax = 300): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim();
  return line.length > charsMax ? `${line.slice(0, charsMax - 1)}…` : line;
}
