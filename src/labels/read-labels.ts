import { closest } from '../base/suggest.ts';
import type { Container } from '../docker/container.ts';
import { inactiveNotices } from './activity.ts';
import { closedBy } from './closed-by.ts';
import { corsProblems } from './cors-problems.ts';
import { type Defaults, noDefaults } from './defaults.ts';
import { type Chain, effectiveOptions, settingOf } from './effective-options.ts';
import { idlePartProblems } from './idle-parts.ts';
import type { Layer } from './layer.ts';
import { oneBackendProblems } from './one-backend.ts';
import { type OwnLabels, readOwnLabels } from './own-labels.ts';
import type { Problem } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { problemOf } from './problem-text.ts';
import { baseChain, guardsAnything, namedChain, withProfileFaults } from './route-chain.ts';
import { routesMax, withinRoutesMax } from './routes-max.ts';
import type { LabelReading, RouteSpec } from './spec.ts';
import { isOptionKey, optionKeys } from './table.ts';
import { hiddenReason, nearlyOurs, nothingServed, type UnroutedReason } from './unrouted-reason.ts';
import { didYouMean, type Fault } from './value-reading.ts';

function nothing(unrouted: UnroutedReason | null): LabelReading {
  return Object.freeze({ specs: Object.freeze([]), problems: Object.freeze([]), unrouted });
}

const unlabelled = nothing(null);

/**
 * Reads all labels of a container; pure, and never throws. `problems` holds everything that is in any spec's `closedBy`
 * as well. A container without labels of ours, one that is hidden, and a compose one-off that is not forced read as nothing,
 * but for the reason.
 */
export function readLabels(container: Container, defaults: Defaults = noDefaults): LabelReading {
  const own = readOwnLabels(container);
  if (own === null) {
    const unrouted = nearlyOurs(container);
    return unrouted === null ? unlabelled : nothing(unrouted);
  }
  const base = baseChain(withProfileFaults(layerOf(own, ''), defaults, container.name), defaults);
  if (!isEnabled(base, container)) return nothing(hiddenReason(settingOf(base, 'enable')));
  return new ContainerReader(container.name, own, base, defaults).read();
}

function layerOf(own: OwnLabels, route: string): Layer {
  return own.layers.get(route) as Layer;
}

function isEnabled(base: Chain, container: Container): boolean {
  const enable = settingOf(base, 'enable');
  // A one-off is forced by its own compose file, never by a default for all.
  if (container.oneOff) return enable?.setting.value === true && enable.layer.source !== 'fleet-default';
  return enable?.setting.value !== false;
}

class ContainerReader {
  readonly #container: string;
  readonly #own: OwnLabels;
  readonly #base: Chain;
  readonly #defaults: Defaults;
  readonly #problems: ProblemList;
  /** Reasons to close every route. */
  readonly #closesAll: Problem[];
  /** Of all its routes. */
  readonly #chains: Chain[] = [];
  /** Some route is not served, and it was said why. */
  #explained = false;
  /** Labels without whose value their routes are not served. */
  readonly #unserved: string[] = [];
  /** Names of routes that are switched off. */
  readonly #off: string[] = [];

  constructor(container: string, own: OwnLabels, base: Chain, defaults: Defaults) {
    this.#container = container;
    this.#own = own;
    this.#base = base;
    this.#defaults = defaults;
    this.#problems = new ProblemList(container);
    this.#closesAll = [...own.closesAll];
  }

  read(): LabelReading {
    const specs = this.#readBase();
    const names = [...this.#own.layers.keys()].filter((name) => name !== '').sort();
    const base = specs[0];
    for (const name of names) specs.push(...this.#readNamed(name, base));
    this.#problems.add(...this.#own.problems);
    // Of a host that is misspelt it is said already.
    if (specs.length === 0 && !this.#explained && !this.#own.meant.has('host'))
      this.#sayNothingIsRouted(names.length > 0);
    const kept = this.#cut(specs).map((spec) =>
      Object.freeze({ ...spec, closedBy: Object.freeze([...spec.closedBy, ...this.#closesAll]) }),
    );
    for (const spec of kept) this.#problems.add(...spec.closedBy);
    this.#problems.add(
      ...idlePartProblems(this.#chains, this.#container),
      ...oneBackendProblems(kept, this.#container),
    );
    const problems = this.#problems.list();
    const unrouted = kept.length > 0 ? null : nothingServed({ problems, labels: this.#unserved, off: this.#off });
    return Object.freeze({ specs: Object.freeze(kept), problems, unrouted });
  }

  #readBase(): RouteSpec[] {
    const layer = this.#base[0]?.layer as Layer;
    this.#sayAllOf(layer);
    const spec = this.#specOf('', this.#base);
    const broken = brokenMatcher(layer);
    if (broken !== null) this.#notServed('', broken);
    // Below HTTP there is no host.
    if (spec.options.tcp !== null || spec.options.udp !== null) this.#explained = true;
    return broken !== null || spec.hosts.length === 0 ? [] : [spec];
  }

  #readNamed(name: string, base: RouteSpec | undefined): RouteSpec[] {
    const layer = withProfileFaults(layerOf(this.#own, name), this.#defaults, this.#container);
    const chain = namedChain(layer, this.#base, this.#defaults);
    if (settingOf(chain, 'enable')?.setting.value === false) {
      this.#off.push(name);
      return [];
    }
    this.#sayAllOf(layer);
    const spec = this.#specOf(name, chain);
    const fault = this.#whyNotServed(name, layer, spec, base);
    if (fault === null) return [spec];
    // What this route should protect is now served by the others, without that protection.
    const guards = chain.some(
      (link) => !link.inherited && link.layer.source !== 'fleet-default' && guardsAnything(link.layer),
    );
    if (guards) {
      const expected = `route \`${name}\` as it was meant: it was to protect requests that the other routes would now take, so they stay closed`;
      this.#closesAll.push(this.#problem(fault.label, { expected }));
    }
    return [];
  }

  #specOf(name: string, chain: Chain): RouteSpec {
    const own = chain[0]?.layer as Layer;
    let { options, sources } = effectiveOptions(chain);
    // An alias leads to the first host: that of the base leads to the base's.
    if (name !== '' && own.settings.has('host') && !own.settings.has('alias')) {
      options = Object.freeze({ ...options, alias: [] });
      sources = Object.freeze(Object.fromEntries(Object.entries(sources).filter(([key]) => key !== 'alias')));
    }
    this.#chains.push(chain);
    this.#problems.add(...corsProblems(chain, options, this.#container));
    const { host, path, match, priority } = options;
    return {
      name,
      hosts: host,
      paths: path,
      match,
      priority,
      options,
      sources,
      closedBy: closedBy(chain, options, this.#container),
    };
  }

  #whyNotServed(name: string, layer: Layer, spec: RouteSpec, base: RouteSpec | undefined): Problem | null {
    const broken = brokenMatcher(layer);
    if (broken !== null) return this.#notServed(name, broken);
    if (spec.hosts.length === 0) {
      return this.#say('', {
        expected: `a host for route \`${name}\`: it has none, and the base has none to inherit`,
        suggestion: `\`proxy.${name}.host=app.example.com\``,
      });
    }
    if (base === undefined || matchersText(base) !== matchersText(spec)) return null;
    const label = soleLabel(layer);
    return this.#say(label, {
      expected: `a path, host or match of its own for route \`${name}\`: it takes the same requests as the base route, so it could never be reached`,
      suggestion: misreadOption(name, label) ?? `give it \`proxy.${name}.path=/…\` or \`proxy.${name}.host=…\``,
    });
  }

  #sayAllOf(layer: Layer): void {
    this.#problems.add(...layer.problems, ...inactiveNotices(layer, this.#container).map(({ problem }) => problem));
  }

  /** Without a host it goes without saying; without its path or match a route would be expected to take more. */
  #notServed(name: string, option: string): Problem {
    const label = name === '' ? `proxy.${option}` : `proxy.${name}.${option}`;
    const route = name === '' ? 'the base route' : `route \`${name}\``;
    this.#explained = true;
    this.#unserved.push(label);
    const fault = {
      expected: `a readable \`${label}\`: until then ${route} is not served, since it would take other requests than were meant`,
    };
    return option === 'host' ? this.#problem(label, fault) : this.#say(label, fault);
  }

  #sayNothingIsRouted(named: boolean): void {
    this.#say('', {
      expected: named ? 'a host: nothing is routed, since no route has one' : 'a host: nothing is routed without one',
      suggestion: '`proxy.host=app.example.com`',
    });
  }

  #say(label: string, fault: Fault): Problem {
    const problem = this.#problem(label, fault);
    this.#problems.add(problem);
    this.#explained = true;
    return problem;
  }

  #problem(label: string, fault: Fault): Problem {
    return problemOf({ container: this.#container, label, text: '', secret: false }, fault);
  }

  #cut(specs: readonly RouteSpec[]): readonly RouteSpec[] {
    const kept = withinRoutesMax(specs);
    if (kept.length === specs.length && kept.every((spec, at) => spec === specs[at])) return kept;
    const problem = this.#say('', {
      expected: `at most ${routesMax} routes of one container (hosts × paths): the rest is cut`,
    });
    if (specs.some((spec) => spec.name !== '' && guardsAnything(layerOf(this.#own, spec.name))))
      this.#closesAll.push(problem);
    return kept;
  }
}

/** The option without which a route would take requests that were not meant for it, when its label has no readable value. */
function brokenMatcher(layer: Layer): string | null {
  return (['host', 'path', 'match'] as const).find((key) => layer.broken.has(key) && !layer.settings.has(key)) ?? null;
}

function matchersText(spec: RouteSpec): string {
  const hosts = spec.hosts.map((host) => host.text).sort();
  const paths = spec.paths.map((path) => path.text).sort();
  return JSON.stringify([hosts, paths, spec.match]);
}

function soleLabel(layer: Layer): string {
  const labels = new Set([...layer.settings.values(), ...layer.headers.values()].map((setting) => setting.label));
  return labels.size === 1 ? ([...labels][0] as string) : '';
}

/** `proxy.helth.timeout` reads as option `timeout` of a route `helth`. */
function misreadOption(name: string, label: string): string | null {
  const option = label.replace(/^proxy\.[^.]*\./i, '').toLowerCase();
  const group = closest(
    name,
    optionKeys.filter((key) => isOptionKey(`${key}.${option}`)),
  );
  return label === '' || group === null ? null : didYouMean(`proxy.${group}.${option}`);
}
