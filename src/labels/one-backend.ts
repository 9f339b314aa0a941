import type { OptionKey } from './options.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';
import type { RouteSpec } from './spec.ts';

/** What is said of the container itself, by whichever of its routes a request comes. */
const ofTheBackend = ['weight', 'maxfails', 'failtimeout', 'drain'] as const satisfies readonly OptionKey[];

/** Routes that lead to one port of a container share what is counted of it, and so cannot differ in what that is held to. */
export function oneBackendProblems(specs: readonly RouteSpec[], container: string): Problem[] {
  const [first, ...others] = specs;
  if (first === undefined) return [];
  return others.flatMap((spec) => {
    const same = specs.slice(0, specs.indexOf(spec)).find((before) => leadsTo(before) === leadsTo(spec));
    if (same === undefined) return [];
    return ofTheBackend
      .filter((key) => spec.options[key] !== same.options[key])
      .map((key) => {
        const { label, text } = spec.sources[key] ?? same.sources[key] ?? { label: `proxy.${key}`, text: '' };
        return problemOf(
          { container, label, text, secret: false },
          {
            expected: `the same for every route to one port of a container, which is one backend: one of its values counts for all of them`,
            suggestion: `write \`proxy.${key}\` once, or give the route a port of its own`,
          },
          'warning',
        );
      });
  });
}

function leadsTo({ options }: RouteSpec): string {
  return `${options.scheme} ${options.port}`;
}
