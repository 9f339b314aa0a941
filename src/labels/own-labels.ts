import type { Container } from '../docker/container.ts';
import { isProxyLabel, type LabelKey, readLabelKey } from './label-key.ts';
import { type Assignment, type GuardFault, type Layer, readLayer } from './layer.ts';
import type { OptionKey } from './options.ts';
import type { Problem } from './problem.ts';
import { isSecretKey, problemOf } from './problem-text.ts';

/** What a container's own labels say, by route; '' is the base and always there. */
export interface OwnLabels {
  readonly layers: ReadonlyMap<string, Layer>;
  /** Of labels that belong to no route. */
  readonly problems: readonly Problem[];
  /** Protective labels of which cannot be said what they should protect. */
  readonly closesAll: readonly Problem[];
  /** What misspelt labels were most likely meant to say. */
  readonly meant: ReadonlySet<OptionKey>;
}

const labelsMax = 1_000;

/** @returns null when the container has no label of ours. */
export function readOwnLabels(container: Container): OwnLabels | null {
  const entries = Object.entries(container.labels)
    .filter(([key]) => isProxyLabel(key))
    .map(([key, text]) => ({ written: key.trim(), lower: key.trim().toLowerCase(), text: String(text).trim() }))
    // The host first: a container with too many labels is closed by name, not unknown.
    .sort(
      (a, b) =>
        Number(b.lower === 'proxy.host') - Number(a.lower === 'proxy.host') ||
        order(a.lower, b.lower) ||
        order(a.written, b.written) ||
        order(a.text, b.text),
    );
  if (entries.length === 0) return null;
  const read = entries.slice(0, labelsMax);
  const routes = declaredRoutes(read);
  const byRoute = new Map<string, Assignment[]>([
    ['', []],
    ...[...routes].map((name): [string, Assignment[]] => [name, []]),
  ]);
  const unknown: UnknownLabel[] = [];
  for (const { written, text } of read) {
    const key = readLabelKey(written, routes, text.length <= 200 ? text : '');
    if (key.kind === 'option') byRoute.get(key.route)?.push({ ...key, text, label: written, call: written });
    else unknown.push(unknownLabel(container.name, written, text, routes, key));
  }
  const layers = new Map(
    [...byRoute].map(([route, assignments]) => [route, layerOf(container.name, assignments, unknown, route)]),
  );
  const surplus = entries.slice(labelsMax);
  const tooMany = surplus.length === 0 ? [] : [surplusProblem(container.name, surplus.length)];
  const unplaced = unknown.filter(({ key }) => key.route === null);
  return {
    layers,
    problems: [...unplaced.map(({ problem }) => problem), ...tooMany],
    // A label that is not read may be one that protects.
    closesAll: [...unplaced.filter(({ key }) => key.guards !== null).map(({ problem }) => problem), ...tooMany],
    meant: new Set(unknown.flatMap(({ key: { option } }) => (option === null ? [] : [option]))),
  };
}

interface UnknownLabel {
  readonly key: LabelKey & { kind: 'unknown' };
  readonly problem: Problem;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function declaredRoutes(entries: readonly { readonly written: string }[]): ReadonlySet<string> {
  const routes = new Set<string>();
  for (const { written } of entries) {
    const key = readLabelKey(written, routes);
    if (key.kind === 'option' && key.route !== '') routes.add(key.route);
  }
  return routes;
}

function unknownLabel(
  container: string,
  written: string,
  text: string,
  routes: ReadonlySet<string>,
  key: LabelKey & { kind: 'unknown' },
): UnknownLabel {
  const secret = isSecretKey(written, key);
  const read = secret ? readLabelKey(written, routes) : key;
  const fault = read.kind === 'unknown' ? read.fault : key.fault;
  return { key, problem: problemOf({ container, label: written, text, secret }, fault) };
}

function layerOf(
  container: string,
  assignments: readonly Assignment[],
  unknown: readonly UnknownLabel[],
  route: string,
): Layer {
  const layer = readLayer(assignments, 'label', container);
  const here = unknown.filter(({ key }) => key.route === route);
  const guardFaults = here.flatMap(({ key, problem }): GuardFault[] =>
    key.guards === null ? [] : [{ guard: key.guards, key: key.option ?? key.guards, problem }],
  );
  return {
    ...layer,
    problems: [...layer.problems, ...here.map(({ problem }) => problem)],
    guardFaults: [...layer.guardFaults, ...guardFaults],
  };
}

function surplusProblem(container: string, count: number): Problem {
  return problemOf(
    { container, label: '', text: '', secret: false },
    { expected: `at most ${labelsMax} proxy labels: the last ${count} were not read, so the routes stay closed` },
  );
}
