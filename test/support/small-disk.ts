import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Mounted in a namespace of its own: the disk goes with the process, however that ends. */
const mount = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"';

/** Runs a program of ours with `directory`, its first argument, on a disk of so many KiB, and gives the JSON that it prints. */
export async function onSmallDisk(
  { directory, kib }: { directory: string; kib: number },
  [script, ...more]: readonly [string, ...string[]],
): Promise<Record<string, unknown>> {
  const user = process.getuid?.() === 0 ? '-m' : '-rm';
  const shell = ['sh', '-c', mount, 'sh', `${kib}k`, directory];
  const args = [user, ...shell, process.execPath, script, directory, ...more];
  const { stdout } = await promisify(execFile)('unshare', args);
  return JSON.parse(stdout);
}
