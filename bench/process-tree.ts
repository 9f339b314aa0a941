import { readdirSync, readFileSync } from 'node:fs';

/** A clock tick of /proc/<pid>/stat in ms: USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;
/** The kernel's unit in /proc/<pid>/statm. */
const pageKiB = 4;

/** The ids of a process and of all its descendants. */
export function processTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? statOf(pid) : null;
    if (stat !== null) parents.set(pid, stat.parent);
  }
  const tree = [root];
  // `tree` grows while it is walked: children are appended behind their parents.
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** CPU time that processes and their threads have used so far, user and system, in ms. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((total, pid) => total + (statOf(pid)?.cpuMs ?? 0), 0);
}

/** CPU time that children of this process had used when they ended, in ms; only of those that have ended (proc(5): cutime, cstime). */
export function endedChildrenCpuMs(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * tickMs;
}

/** Resident memory of one process in KiB; 0 when it is gone. */
export function rssKiB(pid: number): number {
  try {
    return Number(/^Rss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1]);
  } catch {
    return roughRssKiB(pid);
  }
}

/** Off by up to some hundred KiB, because the kernel counts per core and adds up late; but anybody may read it. */
function roughRssKiB(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]) * pageKiB;
  } catch {
    return 0;
  }
}

function statOf(pid: number): { parent: number; cpuMs: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // "pid (name) S ppid …": the name may hold blanks, so fields are counted from behind it (proc(5): ppid is 4, utime 14, stime 15).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs };
  } catch {
    return null;
  }
}
