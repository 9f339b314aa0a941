import type { Fault } from '../labels/value-reading.ts';

/** Each of them is an open file. */
export const logFilesMax = 256;

const noDirectory: Fault = {
  expected: 'a log directory, and none is set: until then its lines go where those of other routes go',
  suggestion: 'set FAIRLEAD_LOG_DIR to a directory that is rotated',
  severity: 'warning',
};
const tooMany: Fault = {
  expected: `at most ${logFilesMax} log files in all: its lines go where those of other routes go`,
  suggestion: 'let several routes share a file',
  severity: 'warning',
};

/** The names of log files that labels ask for now (`proxy.log.file`): the only ones that are ever opened. */
export class LogNames {
  readonly #isSet: boolean;
  readonly #names = new Set<string>();
  /** Since the last sweep. */
  #asked = new Set<string>();

  /** @param directory null = labels have no files. */
  constructor(directory: string | null) {
    this.#isSet = directory !== null;
  }

  /** Why there can be no file of this name; null = there can. The same object each time. */
  faultOf(name: string): Fault | null {
    if (!this.#isSet) return noDirectory;
    if (!this.#names.has(name) && this.#names.size >= logFilesMax) return tooMany;
    this.#names.add(name);
    this.#asked.add(name);
    return null;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Forgets those that nobody has asked for since the last time. */
  sweep(): void {
    for (const name of this.#names) if (!this.#asked.has(name)) this.#names.delete(name);
    this.#asked = new Set();
  }
}
