import { closest } from '../base/suggest.ts';
import { inactiveNotices } from './activity.ts';
import { readLabelKey } from './label-key.ts';
import { type Assignment, emptyLayer, type GuardFault, type Layer, readLayer } from './layer.ts';
import { splitWords } from './list-text.ts';
import type { OptionKey } from './options.ts';
import type { Problem } from './problem.ts';
import { isSecretKey, problemOf } from './problem-text.ts';
import { profileName, withProfileFaults } from './route-chain.ts';
import type { OptionSource } from './spec.ts';
import { groupOf, isOptionKey, optionKeys, rowOf } from './table.ts';
import { didYouMean, type Fault } from './value-reading.ts';

/** What the operator of the proxy says for all containers: `FAIRLEAD_DEFAULT_<OPTION>` and `FAIRLEAD_PROFILE_<NAME>`. */
export interface Defaults {
  readonly fleet: Layer;
  /** By name as in `proxy.use`: `FAIRLEAD_PROFILE_STAFF_ONLY` is `staff-only`. */
  readonly profiles: ReadonlyMap<string, Layer>;
}

export const noDefaults: Defaults = { fleet: emptyLayer, profiles: new Map() };

const defaultPrefix = 'FAIRLEAD_DEFAULT_';
const profilePrefix = 'FAIRLEAD_PROFILE_';

/**
 * Reads the two families of settings; never throws. Empty ones count as not set, as compose passes them.
 * A problem of severity error is a reason to refuse the start; until then containers that it concerns fail closed.
 */
export function readDefaults(env: Readonly<Record<string, string | undefined>>): {
  readonly defaults: Defaults;
  readonly problems: readonly Problem[];
} {
  const entries: [name: string, text: string][] = [];
  for (const name of Object.keys(env).sort()) {
    const text = env[name]?.trim() ?? '';
    if (text !== '') entries.push([name, text]);
  }
  const profiles = new Map<string, Layer>();
  for (const [name, text] of entries) {
    if (name.startsWith(profilePrefix))
      profiles.set(profileName(name.slice(profilePrefix.length)), readProfile(name, text));
  }
  const alone = readFleet(entries.filter(([name]) => name.startsWith(defaultPrefix)));
  const fleet = withProfileFaults(alone, { fleet: alone, profiles }, '');
  const layers = [fleet, ...profiles.values()];
  const problems = layers.flatMap((layer) => [
    ...layer.problems,
    ...inactiveNotices(layer, '').map(({ problem }) => asNotice(problem)),
  ]);
  return { defaults: { fleet, profiles }, problems };
}

/** A protection that this version lacks closes the routes that would have it: worth a warning, no reason not to start. */
function asNotice(problem: Problem): Problem {
  return problem.severity === 'error' ? { ...problem, severity: 'warning' } : problem;
}

/** `timeout.connect` → `TIMEOUT_CONNECT`. */
function settingName(key: OptionKey): string {
  return key.replace('.', '_').toUpperCase();
}

const keyOfSetting = new Map(optionKeys.map((key) => [settingName(key), key]));

function readFleet(entries: readonly (readonly [name: string, text: string])[]): Layer {
  const assignments: Assignment[] = [];
  const faults: UnknownFault[] = [];
  for (const [name, text] of entries) {
    const option = name.slice(defaultPrefix.length).toUpperCase();
    const header = /^(HEADER|REQHEADER)_(.+)$/.exec(option);
    const key = header === null ? keyOfSetting.get(option) : (header[1]?.toLowerCase() as OptionKey);
    if (key === undefined) faults.push(unknownSetting(name, option, text));
    else if (rowOf(key).ownOnly) faults.push(ownOnlyFault(name, key, text, 'a fleet-wide default'));
    else
      assignments.push({
        key,
        header: header === null ? '' : headerName(header[2] as string),
        text,
        label: name,
        call: name,
      });
  }
  return withFaults(readLayer(assignments, 'fleet-default', ''), faults);
}

/** `X_FRAME_OPTIONS` → `X-Frame-Options`. */
function headerName(text: string): string {
  return text
    .toLowerCase()
    .split('_')
    .map((part) => part.slice(0, 1).toUpperCase() + part.slice(1))
    .join('-');
}

interface UnknownFault {
  readonly problem: Problem;
  readonly guard: OptionKey | null;
  readonly key: OptionKey | null;
}

function unknownSetting(name: string, option: string, text: string): UnknownFault {
  const near = closest(option, keyOfSetting.keys());
  const key = readLabelKey(`proxy.${option.toLowerCase().replaceAll('_', '.')}`, new Set());
  const guard = key.kind === 'unknown' ? key.guards : null;
  const fault = {
    expected: `${defaultPrefix} and an option, such as FAIRLEAD_DEFAULT_TIMEOUT_CONNECT`,
    suggestion: near === null ? '' : didYouMean(`${defaultPrefix}${near}`),
  };
  return {
    problem: problemOf({ container: '', label: name, text, secret: isSecretKey(name, key) }, fault),
    guard,
    key: guard,
  };
}

function ownOnlyFault(name: string, key: OptionKey, text: string, place: string): UnknownFault {
  return {
    problem: problemOf(
      { container: '', label: name, text, secret: false },
      { expected: `another option: ${key} belongs to one container and cannot be in ${place}` },
    ),
    guard: null,
    key: null,
  };
}

function withFaults(layer: Layer, faults: readonly UnknownFault[]): Layer {
  const guardFaults = faults.flatMap(({ problem, guard, key }): GuardFault[] =>
    guard === null ? [] : [{ guard, key: key ?? guard, problem }],
  );
  return {
    ...layer,
    problems: [...layer.problems, ...faults.map(({ problem }) => problem)],
    guardFaults: [...layer.guardFaults, ...guardFaults],
  };
}

/** Reads `security=true limit=10/s burst=20 header.X-Team="a b"`: words that are no option belong to the option before them. */
function readProfile(name: string, text: string): Layer {
  const source: OptionSource = `profile:${profileName(name.slice(profilePrefix.length))}`;
  const words = splitWords(text);
  if (words === null) {
    const problem = problemOf({ container: '', label: name, text, secret: true }, { expected: 'every quote closed' });
    // It may have held any protection.
    return withFaults(readLayer([], source, ''), [{ problem, guard: 'auth', key: 'auth' }]);
  }
  const assignments: Assignment[] = [];
  const faults: UnknownFault[] = [];
  for (const word of words) readProfileWord(word, name, assignments, faults);
  return withFaults(readLayer(assignments, source, ''), faults);
}

function readProfileWord(word: string, name: string, assignments: Assignment[], faults: UnknownFault[]): void {
  const before = assignments.at(-1);
  const [, written, value = ''] = /^([a-z][a-z0-9._-]*)=(.*)$/is.exec(word) ?? [];
  if (written === undefined) {
    if (before === undefined)
      faults.push(
        profileFault(
          name,
          { expected: 'words such as limit=10/s, the first of them with an option' },
          word,
          null,
          true,
        ),
      );
    else assignments[assignments.length - 1] = { ...before, text: `${before.text} ${word}`.trim() };
    return;
  }
  const part = before === undefined ? '' : `${groupOf(before.key)}.${written.toLowerCase()}`;
  const key = readLabelKey(`proxy.${written}`, new Set());
  if (key.kind === 'option' && key.route === '') {
    const place = 'a profile';
    if (rowOf(key.key).ownOnly || key.key === 'use') faults.push(ownOnlyFault(name, key.key, value, place));
    else assignments.push({ key: key.key, header: key.header, text: value.trim(), label: name, call: written });
  } else if (isOptionKey(part))
    assignments.push({ key: part, header: '', text: value.trim(), label: name, call: part });
  else faults.push(unknownProfileWord(name, written, word, key, before));
}

function unknownProfileWord(
  name: string,
  written: string,
  word: string,
  key: ReturnType<typeof readLabelKey>,
  before: Assignment | undefined,
): UnknownFault {
  const group = before === undefined ? null : groupOf(before.key);
  const parts = optionKeys.filter((option) => group !== null && option !== group && groupOf(option) === group);
  const near = closest(`${group}.${written.toLowerCase()}`, parts) ?? (key.kind === 'unknown' ? key.option : null);
  const guard =
    key.kind === 'unknown' && key.guards !== null ? key.guards : group !== null && isGuardGroup(group) ? group : null;
  const secret = isSecretKey(written, key) || (group !== null && rowOf(group).secret === true);
  return profileFault(
    name,
    {
      expected: `an option or a sub-option of the one before it, not \`${secret && near === null ? '…' : written}\``,
      suggestion: near === null ? '' : didYouMean(near),
    },
    word,
    guard,
    secret,
  );
}

function isGuardGroup(key: OptionKey): boolean {
  return rowOf(key).protective === true;
}

function profileFault(
  name: string,
  fault: Fault,
  text: string,
  guard: OptionKey | null,
  secret: boolean,
): UnknownFault {
  return { problem: problemOf({ container: '', label: name, text, secret }, fault), guard, key: guard };
}
