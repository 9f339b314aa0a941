import type { Problem } from '../labels/problem.ts';

/** Problems in the order in which they were found, each once: a container with ten routes has one port to complain about. */
export class ProblemList {
  readonly #byText = new Map<string, Problem>();

  add(problem: Problem): void {
    const { container, label, value, expected } = problem;
    const text = [container, label, value, expected].join('\n');
    if (!this.#byText.has(text)) this.#byText.set(text, problem);
  }

  addAll(problems: readonly Problem[]): void {
    for (const problem of problems) this.add(problem);
  }

  all(): readonly Problem[] {
    return [...this.#byText.values()];
  }
}
