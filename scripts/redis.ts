import { findProgram } from './command.ts';
import { canInstall, installPackages } from './engine/apt.ts';

const program = 'redis-server';

/**
 * A program by which Redis is started: its name, as what it does depends on that, and behind it lies another one. Debian's
 * package is installed where it is missing, its service not started; throws with what to do where that is not possible.
 */
export async function ensureRedis(): Promise<string> {
  if (findProgram(program)) return program;
  if (!canInstall()) throw new Error(`${program} is missing: install Redis (on Debian: apt-get install redis-server).`);
  await installPackages(['redis-server']);
  if (!findProgram(program)) throw new Error(`The package redis-server is installed, but brought no ${program}.`);
  return program;
}
