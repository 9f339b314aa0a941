import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** The machine in one line: what a reader needs before comparing any number. */
export function machine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const model = cpus()[0]?.model.trim() || 'unknown CPU';
  return `${availableParallelism()} cores of ${model}${hypervisor()}, ${memory} memory, ${distribution()}, Linux ${release()}`;
}

/** How busy the machine was just before, by the kernel's one-minute average. */
export function loadBefore(): string {
  return (loadavg()[0] ?? 0).toFixed(2);
}

function distribution(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

function hypervisor(): string {
  try {
    return /^flags\s*:.*\bhypervisor\b/m.test(readFileSync('/proc/cpuinfo', 'utf8')) ? ' (virtual)' : '';
  } catch {
    return '';
  }
}
