import type { Container } from '../docker/container.ts';
import type { Problem } from '../labels/problem.ts';
import { labelOf, labelText } from '../routing/option-label.ts';
import type { BuiltTable } from '../routing/route-detail.ts';

/**
 * Ports in labels that neither the image nor the container exposes. Exposing is a word and no lock, so it may be well all the same.
 *
 * @param exposes what a container is known to expose besides what it publishes; none where that is not known.
 */
export function portProblems(
  built: BuiltTable,
  exposes: (container: Container) => readonly number[],
  severity: Problem['severity'],
): Problem[] {
  return [...built.details.values()].flatMap(({ members }) =>
    members.flatMap(({ container, spec }): Problem[] => {
      const { port } = spec.options;
      const known = exposes(container);
      if (port === null || known.length === 0 || container.exposedPorts.includes(port)) return [];
      // That is told as a mistake of its own.
      if (container.publishedPorts.some(({ hostPort }) => hostPort === port)) return [];
      const label = labelOf(spec, 'port');
      return [
        {
          container: container.name,
          label,
          value: labelText(spec, 'port'),
          expected: `a port that it exposes (${container.exposedPorts.join(', ')}), if the application listens there`,
          suggestion: known.length === 1 ? `${label}=${known[0]}, or expose ${port}` : `expose ${port} as well`,
          severity,
        },
      ];
    }),
  );
}
