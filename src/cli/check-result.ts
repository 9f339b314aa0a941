import { problemLines } from '../admin/problem-lines.ts';
import type { Problem } from '../labels/problem.ts';
import type { Place } from './compose-document.ts';

/** A problem, and where it stands when it was found in a file. */
export type FoundProblem = Problem & Partial<Place>;

/** What `fairlead check` found. */
export interface CheckResult {
  /** Who was asked: the running proxy, the engine itself, or files. */
  readonly source: 'proxy' | 'docker' | 'compose';
  /** What was looked at, for people. */
  readonly checked: string;
  readonly routes: number;
  readonly problems: readonly FoundProblem[];
}

/** What is not yet active is no fault of the labels: notices alone leave it clean. */
export function isClean({ problems }: CheckResult): boolean {
  return problems.every(({ severity }) => severity === 'info');
}

export function checkText(result: CheckResult): string {
  const lines = result.problems.flatMap((problem) => problemLines(problem, whereText(problem)));
  return `${[...lines, summaryText(result)].join('\n')}\n`;
}

function whereText({ container, file, line }: FoundProblem): string {
  return [file === undefined ? '' : `${file}:${line}`, container].filter((part) => part !== '').join(': ');
}

export function summaryText({ checked, routes, problems }: CheckResult): string {
  const count = (severity: Problem['severity'], noun: string) => {
    const n = problems.filter((problem) => problem.severity === severity).length;
    return n === 0 ? [] : [`${n} ${noun}${n === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'notice')];
  const verdict = counts.length === 0 ? 'no problems' : counts.join(', ');
  return `${verdict} in ${checked} (${routes} ${routes === 1 ? 'route' : 'routes'})`;
}
