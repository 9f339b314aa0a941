import { closest, editDistance } from '../base/suggest.ts';
import { foreignHeaderWords, foreignWords } from './foreign-words.ts';
import type { OptionKey } from './options.ts';
import { groupOf, guardOf, isOptionKey, optionKeys, rowOf } from './table.ts';

/** What an unknown key was most likely meant to be. */
export interface NearKey {
  /** Key after `proxy.`, as it should have been written; '' when nothing is near. */
  readonly text: string;
  readonly option: OptionKey | null;
  /** The protection that its author plainly meant, if any. */
  readonly guards: OptionKey | null;
  /** The route it was meant for: '' the base, null unknown. */
  readonly route: string | null;
}

interface Guess {
  readonly text: string;
  readonly option: OptionKey;
  /** Slips away; 0 for what other proxies call it. */
  readonly distance: number;
  readonly route: string;
}

/**
 * @param rest the key after `proxy.`, as written
 * @param routes names of routes that other labels of the container configure
 */
export function nearKey(rest: string, routes: ReadonlySet<string>): NearKey {
  const lower = rest.toLowerCase();
  const dot = lower.indexOf('.');
  const head = dot < 0 ? lower : lower.slice(0, dot);
  const inGroup = isOptionKey(head);
  const asBase = guessOption(lower, rest, '');
  const asNamed = dot > 0 && !inGroup ? guessOption(lower.slice(dot + 1), rest.slice(dot + 1), head) : null;
  const guess = nearer(asBase, asNamed, routes.has(head));
  const guards = (inGroup ? guardOf(head) : null) ?? guardMeant(lower, dot, inGroup, guess);
  return {
    text: guess?.text ?? '',
    option: guess?.option ?? null,
    guards,
    route: routeMeant(head, dot, inGroup, guess, routes),
  };
}

function guessOption(lower: string, written: string, route: string): Guess | null {
  const prefix = route === '' ? '' : `${route}.`;
  if (Object.hasOwn(foreignWords, lower)) {
    const option = foreignWords[lower] as OptionKey;
    return { text: prefix + option, option, distance: 0, route };
  }
  const header = guessHeader(lower, written, prefix, route);
  if (header !== null) return header;
  const option = closest(lower, optionKeys) as OptionKey | null;
  if (option !== null) {
    const text = option === 'header' || option === 'reqheader' ? `${option}.<Name>` : option;
    return { text: prefix + text, option, distance: editDistance(lower, option), route };
  }
  return guessByGroup(lower, prefix, route);
}

/** `headers.X-Foo`, `heder.X-Foo`. */
function guessHeader(lower: string, written: string, prefix: string, route: string): Guess | null {
  const dot = lower.indexOf('.');
  const group = dot < 0 ? lower : lower.slice(0, dot);
  const foreign = Object.hasOwn(foreignHeaderWords, group)
    ? (foreignHeaderWords[group] as 'header' | 'reqheader')
    : null;
  const option =
    foreign ??
    (dot < 0 || isOptionKey(group)
      ? null
      : (closest(group, ['header', 'reqheader'], { distanceMax: 2 }) as 'header' | 'reqheader' | null));
  if (option === null) return null;
  const name = dot < 0 || dot === lower.length - 1 ? '<Name>' : written.slice(dot + 1);
  return {
    text: `${prefix}${option}.${name}`,
    option,
    distance: foreign === null ? editDistance(group, option) : 0,
    route,
  };
}

/** The group is right, or nearly, and the rest is beyond guessing: `limit.foo` → `limit`. */
function guessByGroup(lower: string, prefix: string, route: string): Guess | null {
  const dot = lower.indexOf('.');
  if (dot < 0) return null;
  const group = lower.slice(0, dot);
  const foreign = Object.hasOwn(foreignWords, group) ? (foreignWords[group] as OptionKey) : null;
  const option = isOptionKey(group) ? group : foreign;
  return option === null ? null : { text: prefix + option, option, distance: 3, route };
}

function nearer(asBase: Guess | null, asNamed: Guess | null, declared: boolean): Guess | null {
  if (asBase === null || asNamed === null) return asBase ?? asNamed;
  if (asBase.distance !== asNamed.distance) return asBase.distance < asNamed.distance ? asBase : asNamed;
  return declared ? asNamed : asBase;
}

/** Without `use`: too short for a near miss to mean anything. */
const guardWords = optionKeys.filter((key) => rowOf(key).protective === true && key !== 'use');

/** This near to a protective word, its author meant to protect something: the route fails closed. */
const guardDistanceMax = 2;

function guardMeant(lower: string, dot: number, inGroup: boolean, guess: Guess | null): OptionKey | null {
  const guessed = guess === null ? null : guardOf(guess.option);
  if (guessed !== null) return guessed;
  const tail = lower.slice(dot + 1);
  const head = dot < 0 ? lower : lower.slice(0, dot);
  const words = inGroup || dot < 0 ? [lower] : [lower, head, tail, tail.split('.', 1)[0] as string];
  for (const word of words) {
    const near = closest(word, guardWords, { distanceMax: guardDistanceMax }) as OptionKey | null;
    // `proxy.pth` is nearer to path than to auth.
    if (near !== null && (guess === null || guess.distance >= editDistance(word, near)))
      return groupOf(near) === 'tls' ? near : groupOf(near);
  }
  return null;
}

function routeMeant(
  head: string,
  dot: number,
  inGroup: boolean,
  guess: Guess | null,
  routes: ReadonlySet<string>,
): string | null {
  if (guess !== null) return guess.route === '' || routes.has(guess.route) ? guess.route : null;
  if (inGroup || dot < 0) return '';
  return routes.has(head) ? head : null;
}
