import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import { flagOf, variableOf } from './setting-row.ts';

/** A setting as somebody gave it: the name as typed, for problems. */
export interface Given {
  readonly typed: string;
  readonly text: string;
}

/**
 * Reads `--log-level debug` and `--log-level=debug` as settings, by the name of their variable. What flags there are is not
 * known here; a flag always has a value.
 */
export function readFlags(args: readonly string[]): {
  readonly given: ReadonlyMap<string, Given>;
  readonly problems: readonly Problem[];
} {
  const given = new Map<string, Given>();
  const problems: Problem[] = [];
  const report = (label: string, text: string, expected: string, suggestion = '') =>
    problems.push(
      problemOf(
        { container: '', label, text, secret: /token|hmac|secret|store/i.test(label) },
        { expected, suggestion },
      ),
    );

  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    const [, flag, inline] = /^(--[a-z0-9][a-z0-9_-]*)(?:=(.*))?$/is.exec(arg) ?? [];
    if (flag === undefined) {
      report(arg, '', 'settings as --name value; the command comes first, as in `fairlead routes --data DIR`');
      continue;
    }
    const next = args[at + 1];
    const text = inline ?? (next?.startsWith('--') ? undefined : next);
    if (inline === undefined && text !== undefined) at++;
    const name = variableOf(flag);
    const typed = flagOf(name);
    if (text === undefined) report(typed, '', `a value after it, as in ${typed} VALUE`);
    else if (given.has(name)) report(typed, text, 'the flag once; several values are separated by commas');
    else given.set(name, { typed, text: text.trim() });
  }
  return { given, problems };
}
