import type { Log } from '../base/log.ts';
import type { Problem } from '../labels/problem.ts';
import { problemSentence } from '../labels/problem-sentence.ts';

/** Tells the log of problems, each once while it lasts. */
export class ProblemTeller {
  readonly #log: Log;
  #told = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** All problems that there are now. */
  tell(problems: readonly Problem[]): void {
    const present = new Set<string>();
    for (const problem of problems) {
      const key = JSON.stringify(problem);
      present.add(key);
      if (this.#told.has(key)) continue;
      const { severity, ...fields } = problem;
      const level = severity === 'error' ? 'error' : severity === 'warning' ? 'warn' : 'info';
      const culprit = problem.container === '' ? '' : `${problem.container}: `;
      this.#log[level](fields, `${culprit}${problemSentence(problem)}`);
    }
    this.#told = present;
  }
}
