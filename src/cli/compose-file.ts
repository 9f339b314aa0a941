import { basename, dirname, resolve } from 'node:path';
import { type ComposeDocument, isRecord, list, readComposeDocument, record, scalarText } from './compose-document.ts';
import { readEnvFile } from './compose-env.ts';
import { type Environment, interpolateText, type VariableFault } from './compose-interpolation.ts';
import { type ComposeService, mergeServices, readService } from './compose-service.ts';

export { UnreadableCompose } from './compose-document.ts';

export interface ComposeProject {
  readonly name: string;
  readonly services: readonly ComposeService[];
  /** Real name of each network by its key. */
  readonly networkNames: ReadonlyMap<string, string>;
  /** Of variables outside of our labels, each once. */
  readonly variableFaults: readonly VariableFault[];
}

export interface ComposeQuestion {
  readonly paths: readonly string[];
  readonly env: Environment;
  /** Without any, and without COMPOSE_PROFILES, services of all profiles are read. */
  readonly profiles?: readonly string[];
}

/** Files beyond those that were named, and services that one extends. */
const followedMax = 100;

/**
 * Reads compose files and merges them, a later one over an earlier, as compose does: with `include`, `extends`, profiles and
 * the variables of the environment and of `.env` beside the first file.
 * @throws UnreadableCompose
 */
export function readComposeFiles({ paths, env: own, profiles = [] }: ComposeQuestion): ComposeProject {
  const env = { ...readEnvFile(resolve(dirname(paths[0] ?? ''), '.env')), ...own };
  const faults = new Map<string, VariableFault>();
  const reader = new ProjectReader(env, (fault) => faults.set(`${fault.how} ${fault.name}`, fault));
  const documents = paths.flatMap((path) => reader.withIncluded(path));
  let name = scalarText(env.COMPOSE_PROJECT_NAME);
  for (const { root } of documents) name ||= scalarText(root.name);
  name ||= projectName(paths[0] ?? '');
  const services = new Map<string, ComposeService>();
  const networkNames = new Map<string, string>();
  for (const document of documents) {
    for (const key of Object.keys(record(document.root.services))) {
      const service = reader.service(document, key);
      const before = services.get(key);
      services.set(key, before === undefined ? service : mergeServices(before, service));
    }
    for (const [key, value] of Object.entries(record(document.root.networks))) {
      const { name: given, external } = record(value);
      const real = interpolateText(scalarText(given) || scalarText(record(external).name), env, () => {});
      networkNames.set(key, real || (external === true ? key : `${name}_${key}`));
    }
  }
  const chosen = profiles.length > 0 ? profiles : (env.COMPOSE_PROFILES ?? '').split(',').filter(Boolean);
  return {
    name,
    services: [...services.values()].filter((service) => isChosen(service, chosen)).map(withNetwork),
    networkNames,
    variableFaults: [...faults.values()],
  };
}

class ProjectReader {
  readonly #env: Environment;
  readonly #report: (fault: VariableFault) => void;
  #followed = 0;

  constructor(env: Environment, report: (fault: VariableFault) => void) {
    this.#env = env;
    this.#report = report;
  }

  /** What a file includes comes before it. */
  withIncluded(path: string): ComposeDocument[] {
    const document = readComposeDocument(path);
    const included = list(document.root.include).flatMap((item) => {
      const paths = isRecord(item) ? item.path : item;
      return (Array.isArray(paths) ? paths : [paths]).map(scalarText).filter((text) => text !== '');
    });
    return [...included.flatMap((text) => this.#follow(path, text) ?? []), document];
  }

  #follow(from: string, written: string): ComposeDocument[] | null {
    const text = interpolateText(written, this.#env, this.#report);
    // From elsewhere (git, OCI), or in a circle.
    if (/^[a-z]+:|\.git(#|$)/i.test(text) || ++this.#followed > followedMax) return null;
    return this.withIncluded(resolve(dirname(from), text));
  }

  service(document: ComposeDocument, key: string): ComposeService {
    const raw = record(record(document.root.services)[key]);
    const service = readService(key, raw, { document, env: this.#env, report: this.#report });
    const base = this.#extended(document, raw.extends);
    return base === null ? service : mergeServices(base, service);
  }

  #extended(document: ComposeDocument, value: unknown): ComposeService | null {
    const file = scalarText(record(value).file);
    const key = scalarText(isRecord(value) ? value.service : value);
    if (key === '' || ++this.#followed > followedMax) return null;
    const from = file === '' ? document : readComposeDocument(resolve(dirname(document.path), file));
    return Object.hasOwn(record(from.root.services), key) ? this.service(from, key) : null;
  }
}

/** A service without profiles is always started. */
function isChosen({ profiles }: ComposeService, chosen: readonly string[]): boolean {
  if (profiles.length === 0 || chosen.length === 0 || chosen.includes('*')) return true;
  return profiles.some((profile) => chosen.includes(profile));
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
