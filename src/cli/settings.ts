import { type Defaults, readDefaults } from '../labels/defaults.ts';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Collector } from '../plane/otlp-client.ts';
import type { Issuer } from '../tls/acme/issuer.ts';
import { type Given, readFlags } from './flags.ts';
import { issuerRows } from './issuer-rows.ts';
import { type IssuerText, readIssuerTexts } from './issuer-texts.ts';
import { readSetting } from './read-setting.ts';
import type { SettingRow } from './setting-row.ts';
import { type ActiveSettings, activeRows } from './settings-table.ts';
import { rowsToCome } from './settings-to-come.ts';
import { isForeignVariable, unknownSetting } from './unknown-setting.ts';

export type { ListenAddress } from './listen-address.ts';
export type { AccessLog, LogLevel } from './settings-table.ts';

/** What the operator of the proxy says, read and checked. */
export interface Settings extends ActiveSettings {
  /** `FAIRLEAD_DEFAULT_*` and `FAIRLEAD_PROFILE_*`. */
  readonly defaults: Defaults;
  /** Who signs certificates; the default one first, where there is one. */
  readonly issuers: readonly Issuer[];
  /** Who gets spans; null = nothing is traced. */
  readonly tracing: Collector | null;
}

export interface SettingsReading {
  /** Whole even with problems: what could not be read has its default. */
  readonly settings: Omit<Settings, 'issuers' | 'tracing'>;
  /** What the settings say of issuers: whether their files can be read is found out later. */
  readonly issuers: readonly IssuerText[];
  /** Reasons not to start; all of them at once. `container` is '', `label` the setting as typed. */
  readonly problems: readonly Problem[];
  /** Reasons to wonder, such as a setting that is not yet active. */
  readonly warnings: readonly Problem[];
}

/** Every single setting, in the order of the help. */
export const settingRows: readonly SettingRow<unknown>[] = [
  ...(Object.values(activeRows) as SettingRow<unknown>[]),
  ...(Object.values(issuerRows('FAIRLEAD_ACME')) as SettingRow<unknown>[]),
  ...rowsToCome,
];
const knownNames = settingRows.map(({ name }) => name as string);

/**
 * Reads flags and environment; a flag beats its variable, and an empty variable counts as not set, as compose passes them.
 * Pure: whether a directory can be written is found out later.
 */
export function readSettings(from: {
  /** Arguments of the command that are settings. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cores: number;
  /** The log goes to a terminal. */
  readonly terminal: boolean;
}): SettingsReading {
  const flags = readFlags(from.flags);
  const given = new Map([...variables(from.env), ...flags.given]);
  const problems: Problem[] = [...flags.problems];
  const surroundings = { dockerHost: from.env.DOCKER_HOST?.trim() ?? '', cores: from.cores, terminal: from.terminal };

  const settings: Record<string, unknown> = {};
  for (const [key, row] of Object.entries(activeRows) as [string, SettingRow<unknown>][])
    settings[key] = readSetting(row, given, surroundings, problems);
  for (const row of rowsToCome) {
    const faults = problems.length;
    const value = readSetting(row, given, surroundings, problems);
    const isReadable = given.has(row.name) && problems.length === faults;
    if (isReadable && row.asksForNothing?.(value) !== true) problems.push(notYetActive(row, given));
  }
  const { issuers, known } = readIssuerTexts(given, surroundings, problems);
  const names = [...knownNames, ...known];
  const { defaults, rest } = readFamilies(given, new Set(names), problems);
  for (const [name, one] of rest) problems.push(unknownSetting(name, one, names));
  return {
    settings: { ...(settings as unknown as ActiveSettings), defaults },
    issuers,
    problems: problems.filter(({ severity }) => severity === 'error'),
    warnings: problems.filter(({ severity }) => severity !== 'error'),
  };
}

function variables(env: Readonly<Record<string, string | undefined>>): Map<string, Given> {
  const given = new Map<string, Given>();
  for (const [name, value] of Object.entries(env)) {
    const text = value?.trim() ?? '';
    if (!name.startsWith('FAIRLEAD_') || text === '' || isForeignVariable(name, text)) continue;
    given.set(name, { typed: name, text });
  }
  return given;
}

function notYetActive(row: SettingRow<unknown>, given: ReadonlyMap<string, Given>): Problem {
  const { typed, text } = given.get(row.name) as Given;
  return problemOf(
    { container: '', label: typed, text, secret: row.secret === true },
    { expected: 'not yet active: it is read and checked, but this version does not act on it', severity: 'warning' },
  );
}

/** Reads the settings whose names are open, and returns what nobody knows. */
function readFamilies(
  given: ReadonlyMap<string, Given>,
  known: ReadonlySet<string>,
  problems: Problem[],
): { readonly defaults: Defaults; readonly rest: readonly [string, Given][] } {
  const forLabels: Record<string, string> = {};
  const rest: [string, Given][] = [];
  for (const [name, one] of given) {
    if (/^FAIRLEAD_(DEFAULT|PROFILE)_./.test(name)) forLabels[name] = one.text;
    else if (!known.has(name)) rest.push([name, one]);
  }
  const { defaults, problems: found } = readDefaults(forLabels);
  // As typed: labels know of variables only.
  for (const problem of found) problems.push({ ...problem, label: given.get(problem.label)?.typed ?? problem.label });
  return { defaults, rest };
}
