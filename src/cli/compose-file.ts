import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { interpolate } from './compose-interpolation.ts';

/** What a compose file says of a service, as far as labels and dialling go. */
export interface ComposeService {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `deploy.labels`: they belong to a Swarm service, and no container gets them. */
  readonly deployLabels: Readonly<Record<string, string>>;
  /** Container ports of `ports` and `expose`. */
  readonly ports: readonly number[];
  /** Keys of networks, as written; `default` where nothing is said. */
  readonly networks: readonly string[];
  readonly networkMode: string;
}

export interface ComposeProject {
  readonly name: string;
  readonly services: readonly ComposeService[];
  /** Real name of each network by its key. */
  readonly networkNames: ReadonlyMap<string, string>;
  /** Variables without a value, which compose replaces by nothing. */
  readonly unsetVariables: readonly string[];
}

/** A file that cannot be linted; the message names it and says why. */
export class UnreadableCompose extends Error {}

const fileBytesMax = 4 * 1024 ** 2;

/**
 * Reads compose files and merges them simply, a later one over an earlier: maps by key, lists one after the other.
 * `extends`, `include` and profiles are not followed.
 * @throws UnreadableCompose
 */
export function readComposeFiles(
  paths: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ComposeProject {
  const unset = new Set<string>();
  const files = paths.map((path) => interpolate(parseFile(path), env, unset));
  const services = new Map<string, ComposeService>();
  const networkNames = new Map<string, string>();
  let name = '';
  for (const file of files) name = textOf(record(file).name) || name;
  name ||= projectName(paths[0] ?? '');
  for (const file of files) {
    for (const [key, value] of Object.entries(record(record(file).services))) {
      const service = readService(key, record(value));
      const before = services.get(key);
      services.set(key, before === undefined ? service : merge(before, service));
    }
    for (const [key, value] of Object.entries(record(record(file).networks))) {
      const { name: given, external } = record(value);
      networkNames.set(key, textOf(given) || (external === true ? key : `${name}_${key}`));
    }
  }
  return { name, services: [...services.values()].map(withNetwork), networkNames, unsetVariables: [...unset] };
}

function parseFile(path: string): unknown {
  const text = readText(path);
  const document = parseDocument(text, { merge: true, prettyErrors: true, logLevel: 'silent' });
  const [error] = document.errors;
  if (error !== undefined) throw new UnreadableCompose(`${path}: ${error.message.split('\n', 1)[0]}`);
  let root: unknown;
  try {
    // Few aliases are enough for a person; a file of nested ones would fill the memory.
    root = document.toJS({ maxAliasCount: 1_000 });
  } catch (error) {
    throw new UnreadableCompose(`${path}: ${(error as Error).message}`);
  }
  if (!isRecord(root) || !isRecord(root.services))
    throw new UnreadableCompose(`${path}: no compose file: it has no \`services:\``);
  return root;
}

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (Buffer.byteLength(text) <= fileBytesMax) return text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UnreadableCompose(`${path}: ${code === 'ENOENT' ? 'there is no such file' : (code ?? message)}`);
  }
  throw new UnreadableCompose(`${path}: larger than 4 MiB`);
}

function readService(name: string, value: Readonly<Record<string, unknown>>): ComposeService {
  const { labels, deploy, ports, expose, networks, network_mode: mode } = value;
  return {
    name,
    labels: readLabelMap(labels),
    deployLabels: readLabelMap(record(deploy).labels),
    ports: [...list(ports).flatMap(portOf), ...list(expose).flatMap(portOf)],
    networks: isRecord(networks) ? Object.keys(networks) : list(networks).map(textOf),
    networkMode: textOf(mode),
  };
}

/** `- key=value`, `- key`, or a map. */
function readLabelMap(value: unknown): Record<string, string> {
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(record(value)).map(([key, text]) => [key, textOf(text)]));
  }
  return Object.fromEntries(
    value.map(textOf).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

/** The container's side of `8080:80`, `127.0.0.1:8080:80/tcp`, `80`, or the long form; nothing for UDP and ranges. */
function portOf(value: unknown): number[] {
  if (isRecord(value)) return value.protocol === 'udp' ? [] : portOf(value.target);
  const port = /(?:^|:)(\d{1,5})(?:\/tcp)?$/i.exec(textOf(value))?.[1];
  return port === undefined ? [] : [Number(port)];
}

function merge(before: ComposeService, after: ComposeService): ComposeService {
  return {
    name: before.name,
    labels: { ...before.labels, ...after.labels },
    deployLabels: { ...before.deployLabels, ...after.deployLabels },
    ports: [...new Set([...before.ports, ...after.ports])],
    networks: [...new Set([...before.networks, ...after.networks])],
    networkMode: after.networkMode || before.networkMode,
  };
}

/** Only once all files are merged is it known that a service names no network. */
function withNetwork(service: ComposeService): ComposeService {
  return service.networks.length === 0 ? { ...service, networks: ['default'] } : service;
}

/** As compose makes it of the directory. */
function projectName(path: string): string {
  return basename(dirname(resolve(path)))
    .toLowerCase()
    .replace(/[^a-z0-9_-]/g, '')
    .replace(/^[_-]+/, '');
}

function textOf(value: unknown): string {
  return value === null || value === undefined || typeof value === 'object' ? '' : String(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
