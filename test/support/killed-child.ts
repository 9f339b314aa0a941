import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Runs a program of ours, kills it with SIGKILL as it writes its n-th line, and gives all the lines it had written by then. */
export async function killedAfter(lines: number, script: string, args: readonly string[]): Promise<string[]> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const seen: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => {
    seen.push(line);
    if (seen.length === lines) child.kill('SIGKILL');
  });
  await Promise.all([once(child, 'exit'), once(reader, 'close')]);
  if (seen.length < lines) throw new Error(`${script} ended after ${seen.length} lines`);
  return seen;
}
