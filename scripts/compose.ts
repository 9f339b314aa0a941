import { command, findProgram } from './command.ts';
import { canInstall } from './engine/apt.ts';
import { locked } from './engine/lock.ts';
import { unpackTrixie } from './engine/trixie.ts';

/** A command line of docker compose, to be continued with a subcommand. */
export type Compose = readonly [program: string, ...args: string[]];

/**
 * The docker compose of this machine: the plugin, else version 1, else (root on Debian) the plugin of Debian trixie, unpacked
 * into `dir` and not installed. Throws with what to do when there is none.
 */
export async function ensureCompose({
  say,
  dir = '/var/lib/fairlead-compose',
}: {
  say: (line: string) => void;
  dir?: string;
}): Promise<Compose> {
  const docker = findProgram('docker');
  if (docker && (await works(docker, 'compose', 'version'))) return [docker, 'compose'];
  const version1 = findProgram('docker-compose');
  if (version1 && (await works(version1, 'version'))) return [version1];
  if (!canInstall())
    throw new Error('No docker compose on this machine: install the package docker-compose-plugin or docker-compose.');
  say(`No docker compose here: using the one of Debian trixie, unpacked in ${dir}.`);
  const root = await locked(`compose ${dir}`, () => unpackTrixie(dir, ['docker-compose']));
  return [`${root}/usr/libexec/docker/cli-plugins/docker-compose`];
}

const works = (program: string, ...args: string[]) =>
  command(program, args, { timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );
