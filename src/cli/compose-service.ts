import { dirname, resolve } from 'node:path';
import { type ComposeDocument, isRecord, list, type Place, record, scalarText } from './compose-document.ts';
import { readEnvFile } from './compose-env.ts';
import { type Environment, interpolate, interpolateText, type VariableFault } from './compose-interpolation.ts';

/** What a compose file says of a service, as far as labels and dialling go. */
export interface ComposeService {
  readonly name: string;
  readonly place: Place;
  readonly image: string;
  /** What the image is built of, as text; '' where it is not built. */
  readonly build: string;
  /** Words of `command`. */
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The same before variables had their values, with `$$` for a dollar sign. */
  readonly rawLabels: Readonly<Record<string, string>>;
  readonly labelPlaces: ReadonlyMap<string, Place>;
  /** What compose makes of each `$` in a label, where it is hardly what was meant. */
  readonly labelFaults: ReadonlyMap<string, readonly VariableFault[]>;
  /** `deploy.labels`: they belong to a Swarm service, and no container gets them. */
  readonly deployLabels: Readonly<Record<string, string>>;
  readonly rawEnvironment: Readonly<Record<string, string>>;
  /** Container ports of `expose`. */
  readonly expose: readonly number[];
  readonly ports: readonly ComposePort[];
  /** Keys of networks, as written; `default` where nothing is said. */
  readonly networks: readonly string[];
  readonly networkMode: string;
  /** Paths in the container. */
  readonly mounts: readonly string[];
  readonly profiles: readonly string[];
}

/** `published` 0 = any. */
export interface ComposePort {
  readonly container: number;
  readonly published: number;
}

interface Context {
  readonly document: ComposeDocument;
  readonly env: Environment;
  /** Of variables outside of our labels. */
  report(fault: VariableFault): void;
}

export function readService(name: string, raw: Readonly<Record<string, unknown>>, context: Context): ComposeService {
  const { document, env, report } = context;
  const { labels, deploy, ...others } = raw;
  const value = record(interpolate(others, env, report));
  const { ports, expose, networks, network_mode: mode, environment, volumes, profiles, image, build, command } = value;
  const read = readLabels(labels, context);
  const fromFiles = envFiles(value.env_file).map((path) => readEnvFile(resolve(dirname(document.path), path)));
  return {
    name,
    place: document.placeOf(name),
    image: scalarText(image),
    build: build === undefined || build === null ? '' : JSON.stringify(build),
    command: Array.isArray(command) ? command.map(scalarText) : scalarText(command).split(/\s+/).filter(Boolean),
    ...read,
    labelPlaces: document.labelPlaces(name),
    deployLabels: textMap(interpolate(record(deploy).labels, env, report)),
    rawEnvironment: Object.assign({}, ...fromFiles, textMap(others.environment ?? environment)),
    ports: list(ports).flatMap(portOf),
    expose: list(expose)
      .flatMap(portOf)
      .map(({ container }) => container),
    networks: isRecord(networks) ? Object.keys(networks) : list(networks).map(scalarText),
    networkMode: scalarText(mode),
    mounts: list(volumes).map(mountOf),
    profiles: list(profiles).map(scalarText),
  };
}

function readLabels(value: unknown, { env, report }: Context) {
  const rawLabels = textMap(value);
  const labels: Record<string, string> = {};
  const labelFaults = new Map<string, VariableFault[]>();
  for (const [written, text] of Object.entries(rawLabels)) {
    const faults: VariableFault[] = [];
    // In a list the key is part of the text; in a map compose leaves it alone.
    const key = Array.isArray(value) ? interpolateText(written, env, (fault) => faults.push(fault)) : written;
    labels[key] = interpolateText(text, env, (fault) => faults.push(fault));
    if (faults.length === 0) continue;
    if (/^\s*proxy\./i.test(key)) labelFaults.set(key, faults);
    else faults.forEach(report);
  }
  return { labels, rawLabels, labelFaults };
}

/** `- key=value`, `- key`, or a map. */
function textMap(value: unknown): Record<string, string> {
  if (!Array.isArray(value))
    return Object.fromEntries(Object.entries(record(value)).map(([key, text]) => [key, scalarText(text)]));
  return Object.fromEntries(
    value.map(scalarText).map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function envFiles(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value])
    .map((item) => scalarText(isRecord(item) ? item.path : item))
    .filter((path) => path !== '');
}

/** `8080:80`, `127.0.0.1:8080:80/tcp`, `80`, or the long form; nothing for UDP and ranges. */
function portOf(value: unknown): ComposePort[] {
  if (isRecord(value)) {
    if (value.protocol === 'udp') return [];
    const published = /^\d{1,5}$/.exec(scalarText(value.published))?.[0];
    return portOf(scalarText(value.target)).map((port) => ({ ...port, published: Number(published ?? 0) }));
  }
  const parts = /^(?:.*?(?:^|:)(\d{1,5})?:)?(\d{1,5})(?:\/tcp)?$/i.exec(scalarText(value));
  return parts === null ? [] : [{ container: Number(parts[2]), published: Number(parts[1] ?? 0) }];
}

/** `source:/target:ro`, `/target`, or the long form. */
function mountOf(value: unknown): string {
  if (isRecord(value)) return scalarText(value.target);
  const parts = scalarText(value)
    .replace(/^[A-Za-z]:\\/, '')
    .split(':');
  return parts[1] ?? parts[0] ?? '';
}

/** A later file over an earlier one, or a service over the one that it extends: maps by key, lists one after the other. */
export function mergeServices(before: ComposeService, after: ComposeService): ComposeService {
  const both = <T>(key: (service: ComposeService) => readonly T[]) => [...new Set([...key(before), ...key(after)])];
  return {
    name: after.name,
    place: after.place,
    image: after.image || before.image,
    build: after.build || before.build,
    command: after.command.length > 0 ? after.command : before.command,
    labels: { ...before.labels, ...after.labels },
    rawLabels: { ...before.rawLabels, ...after.rawLabels },
    labelPlaces: new Map([...before.labelPlaces, ...after.labelPlaces]),
    labelFaults: new Map([
      ...[...before.labelFaults].filter(([label]) => !Object.hasOwn(after.labels, label)),
      ...after.labelFaults,
    ]),
    deployLabels: { ...before.deployLabels, ...after.deployLabels },
    rawEnvironment: { ...before.rawEnvironment, ...after.rawEnvironment },
    expose: both(({ expose }) => expose),
    ports: both(({ ports }) => ports),
    networks: both(({ networks }) => networks),
    networkMode: after.networkMode || before.networkMode,
    mounts: both(({ mounts }) => mounts),
    profiles: after.profiles.length > 0 ? after.profiles : before.profiles,
  };
}
