import type { CertificateProblem } from '../tls/certificate-view.ts';

/** What was said when an order failed, word by word and line by line; nothing of it twice, nor what the cause says already. */
export function issuerWords({ status, type, detail, subproblems, cause }: CertificateProblem): readonly string[] {
  const words = [status === null ? '' : String(status), type, detail].filter((part) => part !== '').join(' ');
  const parts = subproblems
    .filter((one) => !detail.includes(one.detail))
    .map((one) => `${one.name}: ${[one.type, one.detail].filter((part) => part !== '').join(' ')}`);
  return [words === '' || cause.includes(words) ? [] : [words], parts].flat();
}
