import { problemLines } from '../admin/problem-lines.ts';
import type { Problem } from '../labels/problem.ts';

/** What `fairlead check` found. */
export interface CheckResult {
  /** Who was asked: the running proxy, the engine itself, or files. */
  readonly source: 'proxy' | 'docker' | 'compose';
  /** What was looked at, for people. */
  readonly checked: string;
  readonly routes: number;
  readonly problems: readonly Problem[];
}

/** What is not yet active is no fault of the labels: notices alone leave it clean. */
export function isClean({ problems }: CheckResult): boolean {
  return problems.every(({ severity }) => severity === 'info');
}

export function checkText(result: CheckResult): string {
  const { checked, routes, problems } = result;
  const count = (severity: Problem['severity'], noun: string) => {
    const n = problems.filter((problem) => problem.severity === severity).length;
    return n === 0 ? [] : [`${n} ${noun}${n === 1 ? '' : 's'}`];
  };
  const counts = [...count('error', 'error'), ...count('warning', 'warning'), ...count('info', 'notice')];
  const verdict = counts.length === 0 ? 'no problems' : counts.join(', ');
  const summary = `${verdict} in ${checked} (${routes} ${routes === 1 ? 'route' : 'routes'})`;
  return `${[...problems.flatMap((problem) => problemLines(problem)), summary].join('\n')}\n`;
}
