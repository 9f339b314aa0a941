import type { Container } from '../docker/container.ts';
import type { Defaults } from '../labels/defaults.ts';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import { readLabels } from '../labels/read-labels.ts';
import { buildTable } from '../routing/build.ts';
import type { CheckResult } from './check-result.ts';
import { type ComposeProject, type ComposeService, readComposeFiles } from './compose-file.ts';

/**
 * Lints the labels of compose files: as if each service ran as one container beside the proxy. What only an image knows
 * (its EXPOSE, its HEALTHCHECK) is taken to be well.
 * @throws UnreadableCompose
 */
export function checkCompose(
  paths: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  defaults: Defaults,
): CheckResult {
  const project = readComposeFiles(paths, env);
  const containers = project.services.map((service, at) => toContainer(service, project, at));
  const readings = containers.map((container) => ({ container, reading: readLabels(container, defaults) }));
  const built = buildTable({ version: 1, readings, place: { kind: 'host' }, engines: [], containers });
  const problems = [...built.problems, ...project.services.flatMap(swarmLabels), ...unsetVariables(project)];
  const checked = `${containers.length} ${containers.length === 1 ? 'service' : 'services'} of ${paths.join(', ')}`;
  return { source: 'compose', checked, routes: built.table.routes.length, problems };
}

function toContainer(service: ComposeService, project: ComposeProject, at: number): Container {
  const { name, labels, ports, networks, networkMode } = service;
  const real = (key: string) => project.networkNames.get(key) ?? `${project.name}_${key}`;
  const plain = networkMode === '' || /^(service|container):/.test(networkMode);
  return {
    id: at.toString(16).padStart(64, '0'),
    name,
    image: '',
    endpoint: '',
    project: project.name,
    service: name,
    oneOff: false,
    labels,
    createdMs: at,
    changedMs: at,
    state: 'running',
    health: 'none',
    stopping: false,
    exitCode: 0,
    outOfMemory: false,
    // The image may expose any: one that is silent in the file is not at fault.
    exposedPorts: ports.length > 0 ? [...new Set(ports)].sort((a, b) => a - b) : [80],
    publishedPorts: [],
    networkMode: plain ? real(networks[0] ?? 'default') : networkMode,
    attachments: (plain ? networks : []).map((key) => ({
      network: real(key),
      networkId: real(key),
      ipv4: '192.0.2.1',
      ipv6: '',
      gateway: '192.0.2.254',
    })),
    stopSignal: 15,
    stopGraceMs: 10_000,
  };
}

function swarmLabels({ name, deployLabels }: ComposeService): Problem[] {
  return Object.entries(deployLabels)
    .filter(([key]) => /^proxy\./i.test(key))
    .map(([label]) =>
      problemOf(
        { container: name, label: `deploy.labels.${label}`, text: '', secret: true },
        {
          expected: 'the label under `labels:`: what stands under `deploy:` is not on the container',
          severity: 'warning',
        },
      ),
    );
}

function unsetVariables({ unsetVariables: names }: ComposeProject): Problem[] {
  return names.map((name) =>
    problemOf(
      { container: '', label: `\${${name}}`, text: '', secret: false },
      { expected: 'a value for this variable; compose puts nothing in its place' },
      'info',
    ),
  );
}
