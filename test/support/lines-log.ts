import { createLog, type Log } from '../../src/base/log.ts';

/** A log whose lines a test can read. */
export function linesLog(): { readonly log: Log; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => {
    lines.push(JSON.parse(line));
  };
  return { log: createLog({ level: 'debug', format: 'json', write }), lines };
}
