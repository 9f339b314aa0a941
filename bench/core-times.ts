import { readFileSync } from 'node:fs';

/** A clock tick of /proc/stat in ms: USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;

/** Time that all cores have been at work since the boot, in ms, whoever it was for; what the host took for others is in it. */
export function busyMs(): number {
  const total = /^cpu .*$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[0].trim().split(/\s+/).slice(1).map(Number);
  // proc(5): user, nice, system, idle, iowait, irq, softirq, steal; guest time behind them is part of user already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = total ?? [];
  return (user + nice + system + irq + softirq + steal) * tickMs;
}
