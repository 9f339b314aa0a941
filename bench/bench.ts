import type { Table } from './table.ts';

/** What every bench is given. */
export interface BenchContext {
  readonly rounds: number;
  readonly seconds: number;
  readonly trials: number;
  /** Aborted by Ctrl-C: every loop asks it, every child process is bound to it. */
  readonly signal: AbortSignal;
  /** Progress, for the terminal only. */
  readonly say: (line: string) => void;
}

/** What a bench hands back: the terminal and docs/benchmarks.md show the same. */
export interface Section {
  readonly title: string;
  /** Name and version of everything that was measured or that measured. */
  readonly versions: readonly string[];
  /** How it was measured, in whole sentences. */
  readonly method: readonly string[];
  readonly tables: readonly Table[];
  /** What a reader must know to judge the numbers of this run, such as results that varied. */
  readonly notes: readonly string[];
}

export interface Bench {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  run(context: BenchContext): Promise<Section>;
}
