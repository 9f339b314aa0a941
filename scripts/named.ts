import { findProgram } from './command.ts';
import { canInstall, installPackages } from './engine/apt.ts';

/** The programs of BIND 9: a real name server that takes dynamic updates. */
export interface NamedPrograms {
  readonly named: string;
  readonly tsigKeygen: string;
}

/** Finds them, or installs Debian's package `bind9`, whose service is not started. Throws where neither is possible. */
export async function ensureNamed(): Promise<NamedPrograms> {
  const found = findNamed();
  if (found) return found;
  if (!canInstall())
    throw new Error('named and tsig-keygen are missing: install BIND 9 (on Debian: apt-get install bind9).');
  await installPackages(['bind9']);
  const installed = findNamed();
  if (!installed) throw new Error('The package bind9 is installed, but brought no named and tsig-keygen.');
  return installed;
}

function findNamed(): NamedPrograms | undefined {
  const [named, tsigKeygen] = [findProgram('named'), findProgram('tsig-keygen')];
  return named && tsigKeygen ? { named, tsigKeygen } : undefined;
}
