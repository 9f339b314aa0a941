import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alive } from './process-state.ts';

let taken = 0;

/**
 * Who uses a private engine: a file per use, named by the process id, so that a demo which ends does not stop the engine
 * under a test run beside it. Files of dead processes are swept. Call under the engine's lock.
 */
export function takeLease(dir: string): string {
  const users = join(dir, 'users');
  mkdirSync(users, { recursive: true });
  taken += 1;
  const lease = join(users, `${process.pid}-${taken}`);
  writeFileSync(lease, '');
  return lease;
}

/** Gives a lease back and says how many living ones are left. */
export function returnLease(dir: string, lease: string): number {
  rmSync(lease, { force: true });
  const users = join(dir, 'users');
  let left = 0;
  for (const name of readdirSync(users)) {
    if (alive(Number.parseInt(name, 10))) left += 1;
    else rmSync(join(users, name), { force: true });
  }
  return left;
}
