import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from '../command.ts';
import { aptEnvironment } from './apt.ts';

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks packages of Debian trixie into `<dir>/root` and returns that path; nothing is installed. apt works on sources, lists
 * and a cache inside `dir`, so the machine's own apt never hears of trixie. What was unpacked once is kept.
 * Call under a lock for `dir`.
 */
export async function unpackTrixie(dir: string, packages: readonly string[]): Promise<string> {
  const root = join(dir, 'root');
  if (existsSync(root)) return root;
  const work = join(dir, 'apt');
  rmSync(work, { recursive: true, force: true });
  for (const part of ['lists/partial', 'cache/archives/partial', 'debs', 'root'])
    mkdirSync(join(work, part), { recursive: true });
  const sources = join(work, 'sources.list');
  writeFileSync(sources, `deb [signed-by=${keyring}] ${mirror()} trixie main\n`);
  const apt = (...args: string[]) =>
    command(
      'apt-get',
      [
        ...[
          `Dir::Etc::sourcelist=${sources}`,
          'Dir::Etc::sourceparts=/dev/null',
          'Dir::Etc::preferencesparts=/dev/null',
        ],
        ...[`Dir::State::lists=${join(work, 'lists')}`, `Dir::Cache=${join(work, 'cache')}`],
        // Root's own directories are closed to the user _apt, as whom it would otherwise download.
        'APT::Sandbox::User=root',
      ]
        .flatMap((option) => ['-o', option])
        .concat(args),
      { cwd: join(work, 'debs'), env: aptEnvironment(), timeoutMs: 5 * 60_000 },
    );
  await apt('update');
  await apt('download', ...packages);
  for (const deb of readdirSync(join(work, 'debs'))) {
    await command('dpkg-deb', ['--extract', join(work, 'debs', deb), join(work, 'root')]);
  }
  // Last, and in one step: a run that was cut off leaves no half root.
  renameSync(join(work, 'root'), root);
  rmSync(work, { recursive: true, force: true });
  return root;
}

/** The Debian mirror that this machine uses already. */
function mirror(): string {
  for (const file of ['/etc/apt/sources.list', ...globSync('/etc/apt/sources.list.d/*.{list,sources}')]) {
    if (!existsSync(file)) continue;
    const found = /^(?:URIs:\s*|deb\s+(?:\[[^\]]*\]\s*)?)(https?:\/\/\S+\/debian)\/?(?:\s|$)/m.exec(
      readFileSync(file, 'utf8'),
    );
    if (found?.[1]) return found[1];
  }
  throw new Error(
    'No Debian mirror in /etc/apt/sources.list or /etc/apt/sources.list.d: add one, then run this again.',
  );
}
