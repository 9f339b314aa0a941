import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The account `nobody` of Debian, Alpine and the node images. */
export const nobody = 65_534;

/** How the data plane is started so that it can do as little as possible. */
export interface Privileges {
  /** For `fork`: user and group of the child; absent = ours. */
  readonly account: { readonly uid?: number; readonly gid?: number };
  /** A program that starts node with the rights it needs and no others, and its arguments; null = node itself. */
  readonly wrapper: { readonly path: string; readonly args: readonly string[] } | null;
  /** What could not be had, and why; shown once in the log and in `/status`. */
  readonly warnings: readonly string[];
}

/**
 * Least privilege for the process that reads bytes from the internet: user nobody, no groups, so that it cannot open the
 * Docker socket. Ports below the kernel's unprivileged range need one capability, which setpriv (util-linux) can pass on.
 *
 * @param modulePath the data plane's main module, which nobody must be able to read.
 */
export function leastPrivileges(ports: readonly number[], modulePath: string): Privileges {
  const kept = (why: string): Privileges => ({
    account: {},
    wrapper: null,
    warnings: [`the data plane keeps this process's rights: ${why}`],
  });
  const uid = process.getuid?.();
  if (uid === undefined) return kept('this system has no user ids');
  if (uid !== 0)
    return kept(
      `only root can change users, and this is user ${uid}; give the Docker socket to root only, or run the image`,
    );
  const closed = [modulePath, process.execPath].map(closedToOthers).find((path) => path !== null);
  if (closed !== undefined) return kept(`user nobody cannot read ${closed}; move the checkout, or run the image`);
  if (Math.min(...ports, 65_535) >= firstUnprivilegedPort())
    return { account: { uid: nobody, gid: nobody }, wrapper: null, warnings: [] };
  const path = ['/usr/bin/setpriv', '/bin/setpriv'].find(existsSync);
  if (path === undefined) return kept('a port below 1024 is asked for, and setpriv (util-linux) is not installed');
  const args = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs'];
  const capability = 'net_bind_service';
  args.push(
    `--bounding-set=-all,+${capability}`,
    `--inh-caps=-all,+${capability}`,
    `--ambient-caps=-all,+${capability}`,
  );
  return { account: {}, wrapper: { path, args }, warnings: [] };
}

function firstUnprivilegedPort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return 1024;
  }
}

/** The first part of the path that users without rights cannot pass or read; null when all is open. */
function closedToOthers(path: string): string | null {
  accessSync(path, constants.R_OK);
  if ((statSync(path).mode & 0o004) === 0) return path;
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return folder;
    if (folder === dirname(folder)) return null;
  }
}
