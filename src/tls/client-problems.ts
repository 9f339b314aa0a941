import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Ref } from '../labels/ref.ts';
import { labelOf } from '../routing/option-label.ts';
import type { BuiltTable } from '../routing/route-detail.ts';

/**
 * Routes whose clients are all refused, since nobody can read the authorities of `proxy.tls.client`.
 *
 * @param faultOf why they could not be read when it was last tried; null where they could.
 */
export function clientProblems(
  { details }: Pick<BuiltTable, 'details'>,
  faultOf: (ref: Ref) => string | null,
): readonly Problem[] {
  return [...details.values()].flatMap(({ options, winner: { container, spec } }) => {
    const ref = options['tls.client'];
    const fault = ref === null ? null : faultOf(ref);
    if (fault === null) return [];
    const culprit = { container: container.name, label: labelOf(spec, 'tls.client'), text: '', secret: true };
    const expected = `authorities as PEM that the proxy can read: ${fault}; until then nobody is let in`;
    return [problemOf(culprit, { expected, suggestion: 'mend the file, then start the container anew' })];
  });
}
