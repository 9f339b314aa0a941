import { closest } from '../base/suggest.ts';
import type { Defaults } from './defaults.ts';
import type { Chain, ChainLink } from './effective-options.ts';
import type { Layer, Setting } from './layer.ts';
import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';
import { guardOf } from './table.ts';
import { didYouMean } from './value-reading.ts';

/**
 * The layers that count for the base, strongest first: its labels, its profiles (the later named, the stronger), the
 * fleet's defaults.
 */
export function baseChain(own: Layer, defaults: Defaults): Chain {
  const use = own.settings.get('use') ?? defaults.fleet.settings.get('use');
  return [own, ...profilesOf(use, defaults), defaults.fleet].map((layer) => ({ layer, inherited: false }));
}

/**
 * A named route stands on the base: first what it says itself, labels and profiles, then what it inherits.
 * `proxy.<name>.use=off` leaves the base's profiles behind.
 */
export function namedChain(own: Layer, base: Chain, defaults: Defaults): Chain {
  const use = own.settings.get('use');
  const ownLinks = [own, ...profilesOf(use, defaults)].map((layer) => ({ layer, inherited: false }));
  const leavesProfiles = use !== undefined && (use.value as readonly string[]).length === 0;
  const inherited = base.map(({ layer }): ChainLink => ({ layer, inherited: true }));
  return [...ownLinks, ...inherited.filter(({ layer }) => !leavesProfiles || !layer.source.startsWith('profile:'))];
}

/** `STAFF_ONLY` → `staff-only`. */
export function profileName(text: string): string {
  return text.toLowerCase().replaceAll('_', '-');
}

function profilesOf(use: Setting | undefined, defaults: Defaults): Layer[] {
  const names = (use?.value ?? []) as readonly string[];
  return names.toReversed().flatMap((name) => defaults.profiles.get(profileName(name)) ?? []);
}

/**
 * Adds what is wrong with the profiles that a layer names. One that does not exist may have been meant to protect, so it
 * fails closed, unless it is a near miss of one that guards nothing.
 */
export function withProfileFaults(layer: Layer, defaults: Defaults, container: string): Layer {
  const use = layer.settings.get('use');
  if (use === undefined) return layer;
  const problems: Problem[] = [];
  const guarding: Problem[] = [];
  for (const name of use.value as readonly string[]) {
    if (defaults.profiles.has(profileName(name))) continue;
    const near = closest(profileName(name), defaults.profiles.keys());
    const fault = {
      expected: `a profile that the proxy has as FAIRLEAD_PROFILE_<NAME>${defaults.profiles.size === 0 ? '; it has none' : ''}`,
      suggestion: near === null ? '' : didYouMean(`${use.label}=${near}`),
      item: name,
    };
    const problem = problemOf({ ...use, container }, fault);
    problems.push(problem);
    if (near === null || guardsAnything(defaults.profiles.get(near) as Layer)) guarding.push(problem);
  }
  const guardFaults = guarding.map((problem) => ({ guard: 'use', key: 'use', problem }) as const);
  return { ...layer, problems: [...layer.problems, ...problems], guardFaults: [...layer.guardFaults, ...guardFaults] };
}

/** Whether a layer asks for protection of any kind, readable or not. */
export function guardsAnything(layer: Layer): boolean {
  if (layer.guardFaults.length > 0) return true;
  return [...layer.settings.keys()].some((key) => guardOf(key) !== null);
}
