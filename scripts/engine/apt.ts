import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { command, findProgram, systemEnvironment } from '../command.ts';
import { locked } from './lock.ts';

/** Whether packages can be installed here: root on Debian or a relative of it. */
export function canInstall(): boolean {
  if (process.getuid?.() !== 0 || !findProgram('apt-get')) return false;
  try {
    return /^ID(_LIKE)?=.*\bdebian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Installs packages without their recommendations and without starting any service they bring.
 * The package lists are refreshed only where the first attempt shows that they are missing or old.
 */
export function installPackages(packages: readonly string[]): Promise<void> {
  return locked('apt', async () => {
    const install = () =>
      command('apt-get', ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages], {
        env: aptEnvironment(),
        timeoutMs: 10 * 60_000,
      });
    using _quiet = servicesForbidden();
    try {
      await install();
    } catch {
      await command('apt-get', ['update'], { env: aptEnvironment(), timeoutMs: 5 * 60_000 });
      await install();
    }
  });
}

export function aptEnvironment(): NodeJS.ProcessEnv {
  return { ...systemEnvironment(), DEBIAN_FRONTEND: 'noninteractive' };
}

const policyFile = '/usr/sbin/policy-rc.d';

/** While this is held, packages that are being installed may not start their services (invoke-rc.d's policy-rc.d interface: 101 = forbidden). */
function servicesForbidden(): Disposable {
  const kept = `${policyFile}.fairlead-kept`;
  // A file of that name already is what an earlier run, killed in the middle, has set aside.
  if (existsSync(policyFile) && !existsSync(kept)) renameSync(policyFile, kept);
  writeFileSync(policyFile, '#!/bin/sh\nexit 101\n');
  chmodSync(policyFile, 0o755);
  return {
    [Symbol.dispose]() {
      if (existsSync(kept)) renameSync(kept, policyFile);
      else rmSync(policyFile, { force: true });
    },
  };
}
