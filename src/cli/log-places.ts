import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Settings } from './settings.ts';

/** Makes sure that logs can be written where the settings say: a mistake is told at the start, not with the first line. */
export function logPlaceProblems({ accessLog, logDir }: Pick<Settings, 'accessLog' | 'logDir'>): readonly Problem[] {
  const problems: Problem[] = [];
  const check = (label: string, text: string, expected: string, suggestion: string, attempt: () => void): void => {
    try {
      attempt();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      problems.push(
        problemOf(
          { container: '', label, text, secret: false },
          { expected: `${expected}: ${code ?? message}`, suggestion },
        ),
      );
    }
  };
  if (typeof accessLog === 'object')
    check('FAIRLEAD_ACCESS_LOG', accessLog.file, 'a file that can be written', 'choose another, or stdout', () =>
      closeSync(openSync(accessLog.file, 'a', 0o640)),
    );
  if (logDir !== null)
    check('FAIRLEAD_LOG_DIR', logDir, 'a directory that can be written', 'mount a volume there', () =>
      makeWritable(resolve(logDir)),
    );
  return problems;
}

/** @throws the error of the file system. */
function makeWritable(directory: string): void {
  // One level: more of it is rather a mistyped path.
  if (!existsSync(directory)) mkdirSync(directory, { mode: 0o750 });
  if (!statSync(directory).isDirectory()) throw new Error('it is none');
  accessSync(directory, constants.W_OK | constants.X_OK);
}
