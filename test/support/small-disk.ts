import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Mounted in a namespace of its own: the disk goes with the process, however that ends. */
const mount = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"';

/** What a command is run under for `directory` to be on a disk of so many KiB. */
export function underSmallDisk({ directory, kib }: { directory: string; kib: number }): readonly string[] {
  const user = process.getuid?.() === 0 ? '-m' : '-rm';
  return ['unshare', user, 'sh', '-c', mount, 'sh', `${kib}k`, directory];
}

/** Runs a program of ours with `directory`, its first argument, on a disk of so many KiB, and gives the JSON that it prints. */
export async function onSmallDisk(
  { directory, kib }: { directory: string; kib: number },
  [script, ...more]: readonly [string, ...string[]],
): Promise<Record<string, unknown>> {
  const [unshare = '', ...args] = underSmallDisk({ directory, kib });
  const { stdout } = await promisify(execFile)(unshare, [...args, process.execPath, script, directory, ...more]);
  return JSON.parse(stdout);
}
