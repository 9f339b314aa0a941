import type { Problem } from './problem.ts';
import { problemOf } from './problem-text.ts';

const problemsMax = 100;

/** The problems of one container: each once, and only as many as somebody might read. */
export class ProblemList {
  readonly #container: string;
  readonly #byText = new Map<string, Problem>();

  constructor(container: string) {
    this.#container = container;
  }

  add(...problems: readonly Problem[]): void {
    for (const problem of problems) {
      const text = JSON.stringify(problem);
      if (!this.#byText.has(text)) this.#byText.set(text, problem);
    }
  }

  /** In the order in which they came; of too many, errors stay before warnings before notices. */
  list(): readonly Problem[] {
    const all = [...this.#byText.values()];
    if (all.length <= problemsMax) return Object.freeze(all);
    const shown = (['error', 'warning', 'info'] as const)
      .flatMap((severity) => all.filter((problem) => problem.severity === severity))
      .slice(0, problemsMax);
    const rest = problemOf(
      { container: this.#container, label: '', text: '', secret: false },
      { expected: `and ${all.length - problemsMax} more`, severity: 'warning' },
    );
    return Object.freeze([...shown, rest]);
  }
}
