import { editDistance } from '../base/suggest.ts';
import { isProxyLabel, readLabelKey } from '../labels/label-key.ts';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import { didYouMean } from '../labels/value-reading.ts';

/** Labels that nobody reads, since the word before the first dot is not `proxy`, but nearly: `proxi.host`. */
export function prefixProblems(container: string, labels: Readonly<Record<string, string>>): Problem[] {
  return Object.keys(labels).flatMap((label): Problem[] => {
    const [head = '', ...rest] = label.trim().split(/[.:]/);
    const meant = `proxy.${rest.join('.')}`;
    if (rest.length === 0 || isProxyLabel(label) || editDistance(head.toLowerCase(), 'proxy', 2) > 2) return [];
    if (readLabelKey(meant, new Set()).kind === 'unknown') return [];
    return [
      problemOf(
        { container, label, text: '', secret: true },
        {
          expected: 'a label that begins with `proxy.`: this one is not read',
          suggestion: didYouMean(meant),
          severity: 'warning',
        },
      ),
    ];
  });
}
