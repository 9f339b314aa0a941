import { type Chain, settingOf } from './effective-options.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';
import { groupOf, guardOf, hasParts, optionKeys, rowOf } from './table.ts';

/** Features that are off unless somebody asks for them. What protects is another matter: see `closedBy`. */
const features = optionKeys.filter((key) => {
  const { builtIn, off } = rowOf(key);
  return hasParts(key) && guardOf(key) === null && off !== undefined && JSON.stringify(builtIn) === JSON.stringify(off);
});

/**
 * `proxy.compress.min` without `proxy.compress`: its author believes that answers are compressed. One problem for each feature
 * that no route asks for which has the label, by itself or from its base; switched off by somebody, it is meant to be off.
 *
 * @param chains of all routes of the container.
 */
export function idlePartProblems(chains: readonly Chain[], container: string): readonly Problem[] {
  const layers = new Set(chains.flatMap((chain) => chain.map(({ layer }) => layer)));
  return [...layers].flatMap((layer) => {
    if (layer.source !== 'label') return [];
    const routes = chains.filter((chain) => chain.some((link) => link.layer === layer));
    return features.flatMap((feature) => {
      const part = [...layer.settings].find(([key]) => key !== feature && groupOf(key) === feature);
      if (part === undefined || routes.some((chain) => settingOf(chain, feature) !== null)) return [];
      const [key, { label, written: text, secret }] = part;
      const whole = `proxy.${feature}=${rowOf(feature).example}`;
      const fault = {
        expected: `also ${whole}: ${key} does nothing by itself`,
        suggestion: `add \`${whole}\`, or leave ${label} out`,
      };
      return [problemOf({ container, label, text, secret }, fault, 'warning')];
    });
  });
}
