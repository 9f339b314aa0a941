import { isDeepStrictEqual } from 'node:util';
import type { Container } from '../docker/container.ts';
import type { OptionKey, Options } from '../labels/options.ts';
import type { Problem } from '../labels/problem.ts';
import type { RouteSpec } from '../labels/spec.ts';
import { optionKeys, rowOf } from '../labels/table.ts';
import { labelOf, labelText } from './option-label.ts';

interface Asking {
  readonly container: Container;
  readonly spec: RouteSpec;
}

/** What makes a container a member of the pool, and what its labels do not pass on: no two containers can be at odds in it. */
const membership: readonly OptionKey[] = ['enable', 'host', 'alias', 'path', 'match', 'use'];

const comparedOptions = optionKeys.filter((key) => rowOf(key).perContainer !== true && !membership.includes(key));

function isSecret(option: OptionKey): boolean {
  // Headers are no secrets to `/routes`, but a token in `proxy.reqheader.Authorization` must not reach a log.
  return rowOf(option).secret === true || option === 'header' || option === 'reqheader';
}

/**
 * The options on which the containers of a pool differ: one problem per option, which names the container that wins (the
 * newest) and the first that differs, and says how many more there are. @param others without the winner.
 */
export function conflicts(winner: Asking, others: readonly Asking[]): Problem[] {
  const differing = new Map<OptionKey, Asking[]>();
  for (const other of others) {
    for (const option of differingOptions(other.spec.options, winner.spec.options)) {
      const askings = differing.get(option);
      if (askings === undefined) differing.set(option, [other]);
      else askings.push(other);
    }
  }
  return [...differing].map(([option, askings]) => toProblem(option, winner, askings));
}

function toProblem(option: OptionKey, winner: Asking, askings: readonly Asking[]): Problem {
  const [first] = askings as readonly [Asking, ...Asking[]];
  const more = askings.length > 1 ? ` and ${askings.length - 1} more` : '';
  return {
    container: first.container.name,
    label: labelOf(first.spec, option),
    value: isSecret(option) ? '…' : labelText(first.spec, option),
    expected:
      `the same in every container of a pool: ${winner.container.name}, the newest, has ${shown(winner.spec, option)} and ` +
      `wins over ${shown(first.spec, option)} of ${first.container.name}${more}`,
    suggestion: `give all of them the same ${labelOf(winner.spec, option)}`,
    severity: 'warning',
  };
}

function shown(spec: RouteSpec, option: OptionKey): string {
  if (isSecret(option)) return 'a value';
  const text = labelText(spec, option);
  if (text !== '') return text;
  // As the documentation says it, where that is a word.
  const builtIn = rowOf(option).default.replaceAll('`', '');
  return /^[^\s–]+$/.test(builtIn) ? `the default ${builtIn}` : 'the default';
}

/** The last comparison of each options object: a pool compares the same pairs at every build. */
const compared = new WeakMap<Options, { readonly to: Options; readonly differing: readonly OptionKey[] }>();

function differingOptions(a: Options, b: Options): readonly OptionKey[] {
  if (a === b) return [];
  const last = compared.get(a);
  if (last?.to === b) return last.differing;
  const differing: OptionKey[] = [];
  for (const key of comparedOptions) {
    const [left, right] = [a[key], b[key]];
    if (left === right) continue;
    if (typeof left !== 'object' || typeof right !== 'object' || !isDeepStrictEqual(left, right)) differing.push(key);
  }
  compared.set(a, { to: b, differing });
  return differing;
}
