import { chmodSync, copyFileSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { command, findProgram } from '../command.ts';
import { canInstall, installPackages } from '../engine/apt.ts';

/** The directories every root needs; /bin and its kin are links, as Debian has them, so that `ldd`'s paths fit as they are. */
export function makeSkeleton(root: string): void {
  for (const dir of ['usr/bin', 'usr/sbin', 'usr/lib', 'usr/lib64', 'usr/local/bin', 'etc', 'root', 'tmp', 'var/tmp']) {
    mkdirSync(join(root, dir), { recursive: true });
  }
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
  for (const dir of ['tmp', 'var/tmp']) chmodSync(join(root, dir), 0o1777);
}

export function writeTo(root: string, path: string, text: string, mode = 0o644): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
}

/** Copies a program and the shared libraries that `ldd` names to the places where its loader looks for them. */
export async function copyProgram(root: string, program: string, target: string): Promise<void> {
  copyTo(root, program, target);
  chmodSync(join(root, target), 0o755);
  for (const library of await sharedLibraries(program))
    if (!existsSync(join(root, library))) copyTo(root, library, library);
}

/** busybox with all its applets as links: a shell and the small tools that an image needs. */
export async function copyBusybox(root: string, busybox: string): Promise<void> {
  await copyProgram(root, busybox, '/bin/busybox');
  for (const applet of (await command(busybox, ['--list'])).trim().split('\n')) {
    const link = join(root, 'usr/bin', basename(applet));
    if (!existsSync(link)) symlinkSync('/bin/busybox', link);
  }
}

/** Where busybox lies. Installs it where that is possible; throws with what to do where it is not. */
export async function ensureBusybox(say: (line: string) => void): Promise<string> {
  const found = findProgram('busybox');
  if (found) return found;
  if (!canInstall()) throw new Error('The test images need busybox: install the package busybox-static (or busybox).');
  say('Installing busybox-static with apt-get: the test images are made from it.');
  await installPackages(['busybox-static']);
  return findProgram('busybox') ?? 'busybox';
}

async function sharedLibraries(program: string): Promise<string[]> {
  let output: string;
  try {
    output = await command('ldd', [program]);
  } catch {
    // ldd's way to say that a program is linked statically.
    return [];
  }
  // "	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)" and, for the loader, "	/lib64/ld-linux-x86-64.so.2 (0x…)".
  return [...output.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].flatMap((match) => match[1] ?? []);
}

function copyTo(root: string, from: string, to: string): void {
  const file = join(root, to);
  mkdirSync(dirname(file), { recursive: true });
  copyFileSync(realpathSync(from), file);
}
