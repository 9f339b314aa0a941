import type { Container } from '../docker/container.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import { labelOf, labelText } from './option-label.ts';

/** The port of a container, or 0 with the reason why there is none; `problem` says what its owner should know. */
export interface PortChoice {
  readonly port: number;
  readonly reason: string;
  readonly problem: Problem | null;
}

/** What web servers in images listen on most often, the likeliest first. */
const likelyPorts = [80, 8080, 3000, 8000];

/** `proxy.port`, else the sole exposed port; of several the likeliest, else the lowest, with a warning (contract §1). */
export function choosePort(container: Container, spec: RouteSpec): PortChoice {
  const { port: wanted } = spec.options;
  if (wanted !== null) return { port: wanted, reason: '', problem: publishedInstead(container, spec, wanted) };
  const { exposedPorts } = container;
  const [first] = exposedPorts;
  if (first === undefined) return noPort(container, spec);
  if (exposedPorts.length === 1) return { port: first, reason: '', problem: null };
  const port = likelyPorts.find((likely) => exposedPorts.includes(likely)) ?? Math.min(...exposedPorts);
  const problem: Problem = {
    container: container.name,
    label: labelOf(spec, 'port'),
    value: '',
    expected: `one port, because the container exposes several (${exposedPorts.join(', ')}); ${port} was taken`,
    suggestion: `${labelOf(spec, 'port')}=${port}`,
    severity: 'warning',
  };
  return { port, reason: '', problem };
}

/** The port on the host, of `8080:80`, in the place of the one in the container. */
function publishedInstead(container: Container, spec: RouteSpec, port: number): Problem | null {
  const { exposedPorts, publishedPorts } = container;
  const published = publishedPorts.find(({ hostPort }) => hostPort === port);
  if (published === undefined || exposedPorts.includes(port)) return null;
  const label = labelOf(spec, 'port');
  return {
    container: container.name,
    label,
    value: labelText(spec, 'port'),
    expected: `the port inside the container: ${port} is where the host publishes its port ${published.containerPort}`,
    suggestion: `${label}=${published.containerPort}`,
    severity: 'warning',
  };
}

function noPort(container: Container, spec: RouteSpec): PortChoice {
  const label = labelOf(spec, 'port');
  const problem: Problem = {
    container: container.name,
    label,
    value: labelText(spec, 'port'),
    expected: 'a port, because neither the image nor the container exposes one; for instance 8080',
    suggestion: `add the port the application listens on: ${label}=8080`,
    severity: 'error',
  };
  return { port: 0, reason: `no port: it exposes none and has no ${label}`, problem };
}
