import { readDuration } from '../../base/duration.ts';
import type { OptionKey, Options } from '../options.ts';
import { readSwitch, readTime, wholeNumber } from '../plain-value.ts';
import { orOff, type Reader } from '../value-reading.ts';

/** All there is to know about one label. */
export interface Row<T> {
  /** Grammar of the value, for people. */
  readonly value: string;
  /** What holds when nothing is set, for people. */
  readonly default: string;
  readonly builtIn: T;
  /** What `off` means, where it means something: setting it needs no step that acts on it. */
  readonly off?: T;
  readonly read: Reader<T>;
  readonly help: string;
  /** A value that reads without a fault. */
  readonly example: string;
  readonly tier: 1 | 2 | 3;
  /** Whether this version acts on it, or on which values. */
  readonly active: boolean | ((value: T) => boolean);
  /** Guards the site: when it cannot be honoured, the route fails closed. */
  readonly protective?: true;
  /** Says which requests a route takes (or, with `redirect`, what it is): not inherited by named routes, and of no use in a default. */
  readonly matcher?: true;
  /** Belongs to one container, so it has no fleet default and is in no profile. */
  readonly ownOnly?: true;
  /** Belongs to the backend, not to the route: containers of one pool may differ in it. */
  readonly perContainer?: true;
  /** Its value is never shown. */
  readonly secret?: true;
  /** May be longer than a line: a list or a text. Its reader takes linear time. */
  readonly long?: true;
  /** The value is text as it stands: quotes around it are part of it. */
  readonly verbatim?: true;
}

export type Rows<K extends OptionKey> = { readonly [P in K]: Row<Options[P]> };

type Shared = Pick<Row<never>, 'help' | 'tier' | 'perContainer' | 'matcher'> & {
  readonly active: boolean;
  readonly example?: string;
};

export function durationRow(about: Shared & { readonly default: string }): Row<number> {
  const { default: text, example = text, ...rest } = about;
  return {
    ...rest,
    example,
    value: 'duration',
    default: text,
    builtIn: readDuration(text) ?? 0,
    off: 0,
    read: orOff(0, readTime),
  };
}

/** A duration that is off unless it is set. */
export function optionalDurationRow(about: Shared & { readonly example: string }): Row<number> {
  return { ...about, value: 'duration or off', default: 'off', builtIn: 0, off: 0, read: orOff(0, readTime) };
}

export function switchRow(about: Shared & { readonly default: boolean }): Row<boolean> {
  const { default: builtIn, example = String(!builtIn), ...rest } = about;
  return { ...rest, example, value: 'bool', default: String(builtIn), builtIn, off: false, read: readSwitch };
}

export function countRow(
  about: Shared & { readonly default: number; readonly min: number; readonly max: number; readonly off?: number },
): Row<number> {
  const { default: builtIn, min, max, off, example = String(builtIn), ...rest } = about;
  const read = wholeNumber(min, max);
  const row = { ...rest, example, value: `${min}–${max}`, default: String(builtIn), builtIn };
  return off === undefined ? { ...row, read } : { ...row, off, read: orOff(off, read) };
}
