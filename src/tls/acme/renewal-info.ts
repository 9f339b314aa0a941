import { inner, shapeOf, textAt } from '../../base/shape.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { nonsense } from './acme-answer.ts';
import { AcmeTransport, type TransportAbout } from './acme-transport.ts';
import { certificateId } from './certificate-id.ts';
import { readDirectory } from './directory.ts';
import type { Issuer } from './issuer.ts';
import { issuerText } from './issuer-text.ts';
import { isUrl } from './order-document.ts';

/** When an issuer suggests that a certificate be renewed (RFC 9773 §4.2). Times are epoch ms. */
export interface RenewalInfo {
  readonly startMs: number;
  readonly endMs: number;
  /** Where the issuer explains it to people, as with a mass revocation; null = nothing to explain. */
  readonly explanationUrl: string | null;
  /** When to ask again. */
  readonly askAgainMs: number;
}

const minuteMs = 60_000;
/** RFC 9773 §4.3.2: what is shorter or longer counts as this; 6 hours where the issuer says nothing. */
const askAgain = { minMs: minuteMs, maxMs: 24 * 60 * minuteMs, defaultMs: 6 * 60 * minuteMs };

/**
 * Asks the issuer of a certificate when to renew it.
 *
 * @param chainPem the leaf first.
 * @returns null where the issuer suggests nothing, or the certificate names no signer.
 * @throws AcmeFailure where it does not answer, or with a window that ends before it begins: then our own times hold.
 */
export async function renewalInfo(
  issuer: Issuer,
  chainPem: string,
  about: TransportAbout,
): Promise<RenewalInfo | null> {
  const id = certificateId(chainPem);
  if (id === null) return null;
  const transport = await AcmeTransport.open(issuer, about);
  try {
    const { renewalInfoUrl } = await readDirectory(transport);
    if (renewalInfoUrl === null) return null;
    const answer = await transport.get('directory', `${renewalInfoUrl.replace(/\/$/, '')}/${id}`);
    const shape = shapeOf(answer.data);
    const window = inner(shape, 'suggestedWindow');
    const [startMs, endMs] = [Date.parse(textAt(window, 'start')), Date.parse(textAt(window, 'end'))];
    if (!(startMs < endMs)) {
      throw nonsense('a time for renewal was to come', { stage: 'directory', data: answer.data });
    }
    const explanation = issuerText(textAt(shape, 'explanationURL'));
    return {
      startMs,
      endMs,
      explanationUrl: isUrl(explanation) ? explanation : null,
      askAgainMs: againMs(retryAfterMs(answer.retryAfter, about.clock.now()), about.clock.now()),
    };
  } finally {
    transport.close();
  }
}

function againMs(wishedMs: number | null, nowMs: number): number {
  const waitMs = wishedMs === null ? askAgain.defaultMs : wishedMs - nowMs;
  return nowMs + Math.min(Math.max(waitMs, askAgain.minMs), askAgain.maxMs);
}
