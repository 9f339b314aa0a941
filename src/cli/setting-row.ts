import type { Reader } from '../labels/value-reading.ts';

/** What a default may depend on. */
export interface Surroundings {
  /** `DOCKER_HOST`, '' when not set. */
  readonly dockerHost: string;
  readonly cores: number;
  /** The log goes to a terminal. */
  readonly terminal: boolean;
}

/** All there is to know about one setting. */
export interface SettingRow<T> {
  /** The environment variable; the flag is derived from it: `FAIRLEAD_LOG_LEVEL` is `--log-level`. */
  readonly name: `FAIRLEAD_${string}`;
  /** Grammar of the value, for people. */
  readonly value: string;
  /** What holds when nothing is set, for people. */
  readonly default: string;
  builtIn(surroundings: Surroundings): T;
  readonly read: Reader<T>;
  readonly help: string;
  readonly example: string;
  /** Whether this version acts on it. */
  readonly active: boolean;
  /** With `active: false`: values that ask for nothing, so that there is nothing to warn of. */
  asksForNothing?(value: T): boolean;
  /** Its value is never shown. */
  readonly secret?: true;
}

export type SettingRows<V> = { readonly [K in keyof V]: SettingRow<V[K]> };

/** `FAIRLEAD_LOG_LEVEL` → `--log-level`. */
export function flagOf(name: string): string {
  return `--${name.slice('FAIRLEAD_'.length).toLowerCase().replaceAll('_', '-')}`;
}

/** `--log-level` → `FAIRLEAD_LOG_LEVEL`. */
export function variableOf(flag: string): string {
  return `FAIRLEAD_${flag.replace(/^--/, '').toUpperCase().replaceAll('-', '_')}`;
}
