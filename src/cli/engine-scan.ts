import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import type { Container } from '../docker/container.ts';
import type { Snapshot } from '../docker/snapshot.ts';
import { watchEngines } from '../docker/watch-engines.ts';
import { prefixProblems } from '../labels/near-prefix.ts';
import { readLabels } from '../labels/read-labels.ts';
import { buildTable } from '../routing/build.ts';
import { CannotCheck } from './check.ts';
import { portProblems } from './check-ports.ts';
import type { CheckResult } from './check-result.ts';
import { routeProblems } from './check-routes.ts';
import type { SettingsReading } from './settings.ts';

/** Long enough for a thousand containers over ssh. */
const scanMs = 20_000;

/**
 * Looks at the engines once, as a proxy that starts here would, and lints what it finds.
 * @throws CannotCheck when an engine cannot be asked.
 */
export async function scanEngines({ docker, defaults }: SettingsReading['settings']): Promise<CheckResult> {
  const { containers, engines, place } = await firstSnapshot(docker);
  const readings = containers.map((container) => ({ container, reading: readLabels(container, defaults) }));
  const built = buildTable({ version: 1, readings, place, engines, containers });
  const images = new Map(containers.map(({ id, image }) => [id, image]));
  const problems = [
    ...built.problems,
    ...routeProblems(built, (id) => images.get(id)?.replace(/(?<=[^/]):[^/]*$|@.*$/, '') ?? ''),
    ...portProblems(built, exposedOnly, 'info'),
    ...containers.flatMap(({ name, labels }) => prefixProblems(name, labels)),
  ];
  return { source: 'docker', checked: docker.join(', '), routes: built.table.routes.length, problems };
}

/** What is published is exposed by that alone; the rest is the word of the image. */
function exposedOnly({ exposedPorts, publishedPorts }: Container): number[] {
  return exposedPorts.filter((port) => !publishedPorts.some(({ containerPort }) => containerPort === port));
}

async function firstSnapshot(docker: readonly string[]): Promise<Snapshot> {
  const { promise, resolve } = Promise.withResolvers<Snapshot | null>();
  const engines = watchEngines(docker, {
    clock: systemClock,
    log: createLog({ level: 'silent', format: 'json' }),
    graceMs: () => 0,
    onChange: (snapshot) => {
      if (isSettled(snapshot)) resolve(snapshot);
    },
  });
  const timer = setTimeout(() => resolve(null), scanMs);
  try {
    const snapshot = (await promise) ?? engines.snapshot();
    const broken = snapshot.engines.find(({ connected }) => !connected);
    if (broken !== undefined)
      throw new CannotCheck(
        `no proxy runs here, and ${broken.endpoint} cannot be asked: ${broken.error || 'no answer'}`,
      );
    return snapshot;
  } finally {
    clearTimeout(timer);
    engines.close();
  }
}

/** Read in full, or known to be out of reach. */
function isSettled({ complete, engines }: Snapshot): boolean {
  return complete || engines.some(({ connected, error }) => !connected && error !== '');
}
