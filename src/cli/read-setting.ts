import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { ValueReading } from '../labels/value-reading.ts';
import type { Given } from './flags.ts';
import type { SettingRow, Surroundings } from './setting-row.ts';

/** The value of one setting: as given, or built-in where nothing is given or it cannot be read; what is wrong goes to `problems`. */
export function readSetting<T>(
  row: SettingRow<T>,
  given: ReadonlyMap<string, Given>,
  surroundings: Surroundings,
  problems: Problem[],
): T {
  const one = given.get(row.name);
  const builtIn = row.builtIn(surroundings);
  if (one === undefined) return builtIn;
  // A flag is suggested as `--http=:80`, which can be pasted.
  const reading = row.read(one.text, one.typed);
  const culprit = { container: '', label: one.typed, text: one.text, secret: row.secret === true };
  for (const fault of reading.faults) problems.push(problemOf(culprit, withExample(fault, row.example)));
  return reading.value === undefined ? builtIn : reading.value;
}

function withExample(fault: ValueReading<unknown>['faults'][number], example: string): typeof fault {
  return /such as|one of/.test(fault.expected) || fault.severity === 'warning'
    ? fault
    : { ...fault, expected: `${fault.expected}, such as ${example}` };
}
