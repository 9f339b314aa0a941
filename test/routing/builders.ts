import type { Attachment, Container } from '../../src/docker/container.ts';
import type { EngineStatus, Place } from '../../src/docker/snapshot.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import { readHostList } from '../../src/labels/host-list.ts';
import type { Options } from '../../src/labels/options.ts';
import { readPathList } from '../../src/labels/path-list.ts';
import { readPredicateList } from '../../src/labels/predicate-list.ts';
import type { Problem } from '../../src/labels/problem.ts';
import type { LabelReading, RouteSpec } from '../../src/labels/spec.ts';
import { optionKeys, rowOf } from '../../src/labels/table.ts';
import { type BuiltTable, buildTable } from '../../src/routing/build.ts';
import type { Surroundings } from '../../src/routing/dial.ts';
import { noGuards } from '../../src/routing/guards.ts';
import type { MatchRequest } from '../../src/routing/matcher.ts';
import { routeId } from '../../src/routing/route-id.ts';
import type { Backend, Route } from '../../src/routing/table.ts';

const builtIn = Object.fromEntries(optionKeys.map((key) => [key, rowOf(key).builtIn])) as unknown as Options;

/** A route of a container as its labels would say it; only what matters to the test. */
export interface SpecText {
  readonly name?: string;
  readonly host?: string;
  readonly path?: string;
  readonly match?: string;
  readonly priority?: number;
  readonly alias?: string;
  readonly options?: Partial<Options>;
  readonly closedBy?: readonly Problem[];
}

export function spec(about: SpecText = {}): RouteSpec {
  const { name = '', host = 'app.example.com', path = '/', match = '', priority = 0, closedBy = [] } = about;
  const hosts = readHostList(host, 'proxy.host').value ?? [];
  const paths = readPathList(path, 'proxy.path').value ?? [];
  const predicates = match === '' ? [] : (readPredicateList(match, 'proxy.match').value ?? []);
  const alias = about.alias === undefined ? [] : (readHostList(about.alias, 'proxy.alias').value ?? []);
  const options = { ...builtIn, host: hosts, path: paths, match: predicates, priority, alias, ...about.options };
  const prefix = name === '' ? 'proxy' : `proxy.${name}`;
  const given: [string, unknown][] = Object.entries(about.options ?? {});
  const sources = Object.fromEntries(
    given.map(([key, value]) => [key, { source: 'label' as const, text: String(value), label: `${prefix}.${key}` }]),
  );
  return { name, hosts, paths, match: predicates, priority, options, sources, closedBy };
}

export function attachment(network: string, about: Partial<Attachment> = {}): Attachment {
  return { network, networkId: `id-of-${network}`, ipv4: '172.20.0.2', ipv6: '', gateway: '172.20.0.1', ...about };
}

let made = 0;

/** A running container with one exposed port on one user-defined network; each is younger than the one before. */
export function container(about: Partial<Container> = {}): Container {
  made++;
  return {
    id: made.toString(16).padStart(64, '0'),
    name: `container-${made}`,
    image: 'image',
    endpoint: 'unix:///var/run/docker.sock',
    project: '',
    service: '',
    oneOff: false,
    labels: {},
    createdMs: made * 1000,
    changedMs: made * 1000,
    state: 'running',
    health: 'none',
    stopping: false,
    exitCode: 0,
    outOfMemory: false,
    exposedPorts: [8080],
    publishedPorts: [],
    networkMode: 'web',
    attachments: [attachment('web')],
    stopSignal: 15,
    stopGraceMs: 10_000,
    ...about,
  };
}

export interface Labelled {
  readonly container: Container;
  readonly reading: LabelReading;
}

export function labelled(
  specs: SpecText | readonly SpecText[],
  about: Partial<Container> = {},
  problems: readonly Problem[] = [],
): Labelled {
  const reading = { specs: [specs].flat().map((one) => spec(one as SpecText)), problems, unrouted: null };
  return { container: container(about), reading };
}

export const onHost: Place = { kind: 'host' };

/** The proxy in a container on the networks named. */
export function inContainer(
  networks: readonly string[],
  about: { readonly hostNetwork?: boolean; readonly gateway?: string } = {},
): Place & { kind: 'container' } {
  const { hostNetwork = false, gateway = '172.20.0.1' } = about;
  const known = networks.map((name) => ({ name, id: `id-of-${name}`, gateway }));
  return { kind: 'container', id: 'f'.repeat(64), name: 'fairlead', hostNetwork, networks: known };
}

export function engine(about: Partial<EngineStatus> = {}): EngineStatus {
  const endpoint = 'unix:///var/run/docker.sock';
  return { endpoint, connected: true, sinceMs: 0, engine: '', apiVersion: '', remoteHost: '', error: '', ...about };
}

export function surroundings(
  place: Place = onHost,
  about: { readonly remoteHost?: string; readonly containers?: readonly Container[] } = {},
): Surroundings {
  return {
    place,
    engineOf: () => engine({ remoteHost: about.remoteHost ?? '' }),
    containerOf: (id) => about.containers?.find((one) => one.id === id),
  };
}

export function build(readings: readonly Labelled[], place: Place = onHost): BuiltTable {
  const containers = readings.map((one) => one.container);
  return buildTable({ version: 1, readings, place, engines: [engine()], containers });
}

/** A route of a table made by hand. */
export function route(host: string, path = '/', about: { match?: string; priority?: number } = {}): Route {
  const { hosts, paths, match, priority } = spec({ host, path, ...about });
  const [hostPattern, pathPattern] = [hosts[0], paths[0]];
  if (hostPattern === undefined || pathPattern === undefined) throw new Error(`no route: ${host} ${path}`);
  return {
    id: routeId(hostPattern, pathPattern, match),
    name: '',
    host: hostPattern,
    path: pathPattern,
    match,
    priority,
    serving: { kind: 'pool', backends: [] },
    changedMs: 0,
    policy: {
      ...{ lb: { kind: 'roundrobin' }, sticky: null },
      ...{ ws: true, wsIdleMs: 0, connectMs: 0, readMs: 0, sendMs: 0, strip: '' },
      ...{ retries: 1, retryStatuses: [], waitMs: 0, requestsMax: null, queueMs: 0 },
      rewrite: null,
      cors: null,
      ...{ requestHeaders: [], responseHeaders: [], securityHeaders: [], accessLog: 'on' },
      ...{ logFormat: null, logFile: null },
      ...{
        http: 'redirect',
        tls: true,
        clientCertificate: false,
        guards: noGuards,
        cache: null,
        errors: null,
        compress: null,
      },
    },
  };
}

export interface RequestText {
  readonly host?: string;
  readonly path?: string;
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ip?: string;
}

export function request(about: RequestText = {}): MatchRequest {
  const { host = 'app.example.com', path = '/', method = 'GET', query = '', headers = {}, ip = '192.0.2.1' } = about;
  const list = FlatHeaderList.of(headers);
  return { host, path, method, query, header: (name) => list.get(name), clientAddress: ip };
}

export function ids(built: BuiltTable): readonly string[] {
  return built.table.routes.map(({ id }) => id);
}

/** The backends of a route that is served from a pool. */
export function backends(built: BuiltTable, id: string): readonly Backend[] {
  const serving = built.details.get(id)?.route.serving;
  return serving?.kind === 'pool' ? serving.backends : [];
}

export const closing: Problem = {
  container: 'bad',
  label: 'proxy.limit',
  value: '10 per second',
  expected: 'a rate such as 10/s',
  suggestion: '',
  severity: 'error',
};
