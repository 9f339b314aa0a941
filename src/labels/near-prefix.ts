import { editDistance } from '../base/suggest.ts';
import { isProxyLabel, readLabelKey } from './label-key.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';
import { didYouMean } from './value-reading.ts';

/** The label that `porxy.host` was most likely meant to be; null where it is ours, or nothing like it. */
export function meantLabel(label: string): string | null {
  const [head = '', ...rest] = label.trim().split(/[.:]/);
  if (rest.length === 0 || isProxyLabel(label) || editDistance(head.toLowerCase(), 'proxy', 2) > 2) return null;
  const meant = `proxy.${rest.join('.')}`;
  return readLabelKey(meant, new Set()).kind === 'unknown' ? null : meant;
}

/** Labels that nobody reads, since the word before the first dot is not `proxy`, but nearly. */
export function prefixProblems(container: string, labels: Readonly<Record<string, string>>): Problem[] {
  return Object.keys(labels).flatMap((label): Problem[] => {
    const meant = meantLabel(label);
    if (meant === null) return [];
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
