import type { Container } from '../docker/container.ts';
import type { Defaults } from '../labels/defaults.ts';
import { prefixProblems } from '../labels/near-prefix.ts';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import { readLabels } from '../labels/read-labels.ts';
import { buildTable } from '../routing/build.ts';
import { asComposeMend, placeOf, proxyService, trustProblems } from './check-front.ts';
import { portProblems } from './check-ports.ts';
import type { CheckResult, FoundProblem } from './check-result.ts';
import { routeProblems } from './check-routes.ts';
import { variableProblems } from './check-variables.ts';
import { type ComposeProject, type ComposeQuestion, readComposeFiles } from './compose-file.ts';
import type { ComposeService } from './compose-service.ts';

/**
 * Lints the labels of compose files: as if each service ran as one container beside the proxy. What only an image knows
 * (its EXPOSE, its HEALTHCHECK) is taken to be well.
 * @throws UnreadableCompose
 */
export function checkCompose(question: ComposeQuestion, defaults: Defaults): CheckResult {
  const project = readComposeFiles(question);
  const real = (key: string) => project.networkNames.get(key) ?? `${project.name}_${key}`;
  const containers = project.services.map((service, at) => toContainer(service, project.name, real, at));
  const readings = containers.map((container) => ({ container, reading: readLabels(container, defaults) }));
  const proxy = proxyService(project);
  const built = buildTable({ version: 1, readings, place: placeOf(proxy, real), engines: [], containers });
  const serviceOf = new Map(containers.map(({ id }, at) => [id, project.services[at] as ComposeService]));
  const problems = [
    ...built.problems.map((problem) => asComposeMend(problem, project.networkNames)),
    ...routeProblems(built, (id) => madeOf(serviceOf.get(id))),
    ...portProblems(built, ({ id }) => serviceOf.get(id)?.expose ?? [], 'warning'),
    ...trustProblems(proxy, readings),
    ...project.services.flatMap(({ name, labels }) => prefixProblems(name, labels)),
    ...project.services.flatMap(swarmLabels),
    ...variableProblems(project),
  ]
    .map((problem) => withPlace(problem, project))
    .sort(byPlace);
  const checked = `${containers.length} ${containers.length === 1 ? 'service' : 'services'} of ${question.paths.join(', ')}`;
  return { source: 'compose', checked, routes: built.table.routes.length, problems };
}

/** From top to bottom, file by file, as who mends them goes through; what stands nowhere comes last. */
function byPlace(a: FoundProblem, b: FoundProblem): number {
  if (a.file === b.file) return (a.line ?? 0) - (b.line ?? 0);
  if (a.file === undefined || b.file === undefined) return a.file === undefined ? 1 : -1;
  return a.file < b.file ? -1 : 1;
}

function toContainer(service: ComposeService, project: string, real: (key: string) => string, at: number): Container {
  const { name, labels, ports, expose, networks, networkMode } = service;
  const plain = networkMode === '' || /^(service|container):/.test(networkMode);
  const exposed = [...new Set([...ports.map(({ container }) => container), ...expose])].sort((a, b) => a - b);
  return {
    id: at.toString(16).padStart(64, '0'),
    name,
    image: service.image,
    endpoint: '',
    project,
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
    exposedPorts: exposed.length > 0 ? exposed : [80],
    publishedPorts: ports
      .filter(({ published }) => published > 0)
      .map(({ container, published }) => ({ containerPort: container, hostIp: '', hostPort: published })),
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

/** Two services of one image, whatever its tag, or of one build may well be one application. */
function madeOf(service: ComposeService | undefined): string {
  return service?.build || (service?.image.replace(/(?<=[^/]):[^/]*$|@.*$/, '') ?? '');
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

function withPlace(problem: Problem, { services }: ComposeProject): FoundProblem {
  const service = services.find(({ name }) => name === problem.container);
  if (service === undefined) return problem;
  const label = problem.label.replace(/^deploy\.labels\./, '');
  return { ...problem, ...(placeOfLabel(service, label) ?? service.place) };
}

/** A problem may name a part of a label (`proxy.limit.burst` of `proxy.limit=1/s burst=x`). */
function placeOfLabel({ labelPlaces }: ComposeService, label: string) {
  const wanted = label.toLowerCase();
  for (let key = wanted; key.includes('.'); key = key.slice(0, key.lastIndexOf('.')))
    for (const [written, place] of labelPlaces) if (written.trim().toLowerCase() === key) return place;
  return undefined;
}
