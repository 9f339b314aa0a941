import { findProgram } from './command.ts';
import { canInstall, installPackages } from './engine/apt.ts';

/** Let's Encrypt's own test server, and the DNS server that goes with it. */
export interface AcmePrograms {
  readonly pebble: string;
  readonly challtestsrv: string;
}

/**
 * Where the two programs lie. Debian's package `pebble` is installed where they are missing (root on Debian only, and it
 * says so first); throws with what to do where that is not possible.
 */
export async function ensurePebble({ say }: { readonly say: (line: string) => void }): Promise<AcmePrograms> {
  const there = installed();
  if (there) return there;
  if (!canInstall()) {
    throw new Error(
      'pebble and pebble-challtestsrv are not installed: `apt-get install pebble`, or run this as root on Debian.',
    );
  }
  say('No ACME test server here: installing pebble with apt-get (some seconds).');
  await installPackages(['pebble']);
  const now = installed();
  if (!now) throw new Error('the package pebble was installed, but brought no pebble and pebble-challtestsrv');
  return now;
}

function installed(): AcmePrograms | undefined {
  const [pebble, challtestsrv] = [findProgram('pebble'), findProgram('pebble-challtestsrv')];
  return pebble && challtestsrv ? { pebble, challtestsrv } : undefined;
}
