import { type CauseAbout, type CauseRule, causeScene, type PlainCause, ruleFits } from './cause-rule.ts';
import type { AcmeFailure } from './failure.ts';
import { issuerCauses } from './issuer-causes.ts';
import { nameCauses } from './name-causes.ts';
import { ownCauses } from './own-causes.ts';

/** Every failure that has words of its own; the first that fits counts. */
export const causeRules: readonly CauseRule[] = [...ownCauses, ...issuerCauses, ...nameCauses];

/** Names that failed beside the first and are told. */
const othersShownMax = 3;

/**
 * A failed order in plain language: what is wrong, and what to do. The issuer's own words stand beside it, in full, in
 * `CertificateProblem`; where no rule knows them they are all there is.
 */
export function plainCause(
  failure: Pick<AcmeFailure, 'problem' | 'stage' | 'retryAfterMs'>,
  about: CauseAbout,
): PlainCause & { readonly key: string } {
  const scene = causeScene(failure, about);
  const rule = causeRules.find((one) => ruleFits(one, scene));
  if (rule === undefined)
    return {
      key: 'unknown',
      cause: scene.text === '' ? 'The order failed, and nobody says why.' : `The issuer says: ${scene.text}`,
      remedy: 'It is ordered again by itself; `fairlead certs renew --dry` tries it out at staging.',
    };
  const { cause, remedy } = rule.explain(scene);
  const others = new Set(failure.problem.subproblems.map(({ name }) => name));
  others.delete(scene.name);
  others.delete('');
  if (others.size === 0) return { key: rule.key, cause, remedy };
  const shown = [...others].slice(0, othersShownMax).join(', ');
  const more = others.size > othersShownMax ? ` and ${others.size - othersShownMax} more` : '';
  return { key: rule.key, cause: `${cause} Failed too: ${shown}${more}.`, remedy };
}
