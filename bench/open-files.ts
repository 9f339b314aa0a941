import { readFileSync } from 'node:fs';
import { command } from '../scripts/command.ts';

/** Files that this process, and what it starts from now on, may have open. */
function openFilesMax(): number {
  // proc(5): name, soft limit, hard limit. Node raises the soft one to the hard one by itself.
  const [, soft = ''] = /^Max open files +(\w+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  return soft === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(soft);
}

/** Makes room for so many, which only root can, and returns how many there may be. */
export async function raiseOpenFiles(wanted: number): Promise<number> {
  if (openFilesMax() < wanted) {
    const args = ['--pid', String(process.pid), `--nofile=${wanted}:${wanted}`];
    await command('prlimit', args, { timeoutMs: 10_000 }).catch(() => {});
  }
  return openFilesMax();
}
