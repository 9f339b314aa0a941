import { isIP, isIPv4, isIPv6 } from 'node:net';
import { inner, listAt, numberAt, own, type Shape, shapeOf, textAt, textsAt, timeAt } from '../base/shape.ts';
import type { Attachment, Container, PublishedPort } from './container.ts';
import { signalNumber } from './signal-number.ts';

/** What `docker stop` sends where nothing is said: SIGTERM. */
const stopSignalDefault = 15;
/** How long it waits after that where nothing is said. What `docker stop -t` says instead no event tells. */
const stopGraceMsDefault = 10_000;
/** How often a HEALTHCHECK is run where nothing is said. */
const healthEveryMsDefault = 30_000;

/**
 * The edge: an answer of `GET /containers/{id}/json` becomes a frozen Container, checked field by field. Whatever is odd in
 * it reads as "nothing known" instead of throwing; only an answer without an id is none. Nothing else of the answer is kept,
 * its environment above all.
 */
export function toContainer(json: unknown, endpoint: string): Container | null {
  const inspected = shapeOf(json);
  const id = textAt(inspected, 'Id').toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(id)) return null;
  const config = inner(inspected, 'Config');
  const settings = inner(inspected, 'NetworkSettings');
  const state = inner(inspected, 'State');
  const labels = textsAt(config, 'Labels');
  const status = textAt(state, 'Status').toLowerCase();
  return Object.freeze({
    id,
    name: textAt(inspected, 'Name').replace(/^\//, '') || id.slice(0, 12),
    image: textAt(config, 'Image') || textAt(inspected, 'Image'),
    endpoint,
    project: (own(labels, 'com.docker.compose.project') as string | undefined) ?? '',
    service: (own(labels, 'com.docker.compose.service') as string | undefined) ?? '',
    oneOff: String(own(labels, 'com.docker.compose.oneoff')).toLowerCase() === 'true',
    labels: Object.freeze(labels),
    createdMs: Math.floor(timeAt(inspected, 'Created')),
    changedMs: Math.floor(
      Math.max(timeAt(inspected, 'Created'), timeAt(state, 'StartedAt'), timeAt(state, 'FinishedAt')),
    ),
    state: states[status] ?? stateByFlags(state),
    health: readHealth(state),
    ...readHealthPace(inner(config, 'Healthcheck')),
    stopping: status === 'stopping',
    exitCode: numberAt(state, 'ExitCode'),
    outOfMemory: own(state, 'OOMKilled') === true,
    exposedPorts: readExposed(config, settings, inner(inspected, 'HostConfig')),
    publishedPorts: readPublished(settings),
    networkMode: readNetworkMode(inner(inspected, 'HostConfig')),
    attachments: readAttachments(settings),
    stopSignal: signalNumber(own(config, 'StopSignal')) ?? stopSignalDefault,
    stopGraceMs: readStopGrace(own(config, 'StopTimeout')),
  });
}

/** Docker's words, and podman's for the same. */
const states: Readonly<Record<string, Container['state'] | undefined>> = Object.freeze({
  __proto__: null,
  created: 'created',
  configured: 'created',
  initialized: 'created',
  running: 'running',
  stopping: 'running',
  paused: 'paused',
  restarting: 'restarting',
  exited: 'exited',
  stopped: 'exited',
  removing: 'dead',
  dead: 'dead',
} as unknown as Record<string, Container['state']>);

function stateByFlags(state: Shape): Container['state'] {
  if (own(state, 'Dead') === true) return 'dead';
  if (own(state, 'Restarting') === true) return 'restarting';
  if (own(state, 'Paused') === true) return 'paused';
  return own(state, 'Running') === true ? 'running' : 'exited';
}

/** Podman without systemd has the word and never fills it: '' must not read as "starting for ever". */
function readHealth(state: Shape): Container['health'] {
  const health = textAt(inner(state, 'Health'), 'Status');
  return health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : 'none';
}

/** Nanoseconds. While a container starts newer engines run it more often (`StartInterval`). */
function readHealthPace(healthcheck: Shape): Pick<Container, 'healthEveryMs'> {
  const [kind = 'NONE'] = listAt(healthcheck, 'Test');
  if (kind === 'NONE') return {};
  const interval = numberAt(healthcheck, 'Interval');
  return { healthEveryMs: interval > 0 ? Math.ceil(interval / 1e6) : healthEveryMsDefault };
}

function readNetworkMode(hostConfig: Shape): string {
  const mode = textAt(hostConfig, 'NetworkMode');
  return mode === '' || mode === 'default' ? 'bridge' : mode;
}

/** @param seconds where it was set; below 0 = the engine waits for ever. */
function readStopGrace(seconds: unknown): number {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return stopGraceMsDefault;
  return seconds < 0 ? Number.POSITIVE_INFINITY : seconds * 1_000;
}

function readExposed(config: Shape, settings: Shape, hostConfig: Shape): readonly number[] {
  const keys = [inner(config, 'ExposedPorts'), inner(settings, 'Ports'), inner(hostConfig, 'PortBindings')].flatMap(
    (ports) => Object.keys(ports),
  );
  const ports = keys.map(tcpPort).filter((port) => port !== null);
  return Object.freeze([...new Set(ports)].sort((a, b) => a - b));
}

function readPublished(settings: Shape): readonly PublishedPort[] {
  const ports = inner(settings, 'Ports');
  const published = Object.keys(ports).flatMap((key) => {
    const containerPort = tcpPort(key);
    if (containerPort === null) return [];
    return listAt(ports, key).flatMap((item) => {
      const hostPort = portNumber(textAt(shapeOf(item), 'HostPort') || numberAt(shapeOf(item), 'HostPort'));
      const hostIp = textAt(shapeOf(item), 'HostIp');
      return hostPort === null ? [] : [Object.freeze({ containerPort, hostIp: isIP(hostIp) ? hostIp : '', hostPort })];
    });
  });
  return Object.freeze(published);
}

/** `3000/tcp`, `3000`; null for udp, sctp and what is no port. */
function tcpPort(key: string): number | null {
  const [, digits = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(\w+))?$/.exec(key) ?? [];
  return protocol === 'tcp' ? portNumber(digits) : null;
}

function portNumber(value: string | number): number | null {
  const port = Number(value);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? port : null;
}

function readAttachments(settings: Shape): readonly Attachment[] {
  const networks = inner(settings, 'Networks');
  const names = Object.keys(networks).sort();
  return Object.freeze(names.map((network) => readAttachment(network, inner(networks, network))));
}

function readAttachment(network: string, attached: Shape): Attachment {
  const ipv4 = textAt(attached, 'IPAddress');
  const ipv6 = textAt(attached, 'GlobalIPv6Address');
  const gateway = textAt(attached, 'Gateway') || textAt(attached, 'IPv6Gateway');
  return Object.freeze({
    network,
    networkId: textAt(attached, 'NetworkID'),
    ipv4: isIPv4(ipv4) ? ipv4 : '',
    ipv6: isIPv6(ipv6) ? ipv6 : '',
    gateway: isIP(gateway) ? gateway : '',
  });
}
