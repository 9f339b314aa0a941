import { findProgram } from './command.ts';
import { canInstall, installPackages } from './engine/apt.ts';

/** Programs that tests ask the proxy with, and Debian's packages of them. */
const packages = {
  curl: 'curl',
  openssl: 'openssl',
  goaccess: 'goaccess',
  h2load: 'nghttp2-client',
  chromium: 'chromium',
} as const;

/** Installs those that are missing (root on Debian only, and it says so first); throws with what to do where that is not possible. */
export async function ensureClients({ say }: { readonly say: (line: string) => void }): Promise<void> {
  const missing = Object.entries(packages).filter(([program]) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const [programs, names] = [missing.map(([program]) => program), missing.map(([, name]) => name)];
  if (!canInstall())
    throw new Error(
      `${programs.join(', ')} missing: \`apt-get install ${names.join(' ')}\`, or run this as root on Debian.`,
    );
  say(`Installing ${names.join(', ')} with apt-get (some seconds).`);
  await installPackages(names);
}
