import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { command, findProgram } from '../command.ts';
import type { RootImage } from './import-root.ts';
import { hashOf } from './inputs.ts';
import { copyBusybox, copyProgram, makeSkeleton, writeTo } from './root.ts';

export const nodeImageTag = 'node:26-bookworm-slim';

/** Where Debian and its relatives keep the certificates of the authorities that this machine trusts. */
const authorities = '/etc/ssl/certs/ca-certificates.crt';

/**
 * A stand-in for the official image of this tag, for machines that reach no image registry: Node 26 and npm from this machine
 * over busybox. A private authority that the machine trusts is trusted inside too, or `npm ci` could not reach a mirror behind it.
 */
export function nodeImage(busybox: string): RootImage {
  const node = nodeBinary();
  const npm = npmDirectory();
  const trusts = existsSync(authorities);
  const npmVersion = npm ? readFileSync(join(npm, 'package.json'), 'utf8') : 'from the package registry';
  return {
    tag: nodeImageTag,
    inputs: hashOf({
      texts: [`${node} ${statSync(node).size}`, npmVersion],
      files: [busybox, import.meta.filename, join(import.meta.dirname, 'root.ts'), ...(trusts ? [authorities] : [])],
    }),
    changes: [
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      ...(trusts ? [`ENV NODE_EXTRA_CA_CERTS=${authorities}`] : []),
      'CMD ["node"]',
    ],
    async fill(root) {
      makeSkeleton(root);
      await copyBusybox(root, busybox);
      await copyProgram(root, node, '/usr/local/bin/node');
      if (trusts) writeTo(root, authorities, readFileSync(authorities, 'utf8'));
      await copyNpm(root, npm);
      writeAccounts(root);
    },
  };
}

/** A Node 26: the one that runs this, else the one among the optional dependencies. */
function nodeBinary(): string {
  if (process.versions.node.startsWith('26.')) return realpathSync(process.execPath);
  try {
    const name = `node-linux-${process.arch}`;
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin/node');
  } catch {
    throw new Error('No Node 26 to make an image from: run `npm ci`, which installs one, or use Node 26.');
  }
}

/** The npm of this machine, if it is whole: Debian's own package spreads its parts over the system and cannot be copied. */
function npmDirectory(): string | undefined {
  const cli = process.env.npm_execpath ?? findProgram('npm');
  if (!cli) return undefined;
  const dir = dirname(dirname(realpathSync(cli)));
  return existsSync(join(dir, 'bin/npm-cli.js')) && existsSync(join(dir, 'node_modules/semver/package.json'))
    ? dir
    : undefined;
}

async function copyNpm(root: string, npm: string | undefined): Promise<void> {
  const target = join(root, 'usr/local/lib/node_modules/npm');
  mkdirSync(dirname(target), { recursive: true });
  if (npm) cpSync(npm, target, { recursive: true, dereference: true });
  else {
    const dir = mkdtempSync(join(tmpdir(), 'fairlead-npm-'));
    try {
      await command('npm', ['install', '--prefix', dir, '--no-save', '--no-audit', '--no-fund', 'npm@11']);
      cpSync(join(dir, 'node_modules/npm'), target, { recursive: true });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(root, 'usr/local/bin', name));
}

function writeAccounts(root: string): void {
  writeTo(
    root,
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  );
  writeTo(root, 'etc/group', 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n');
  writeTo(root, 'etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n');
  writeTo(
    root,
    'etc/os-release',
    'ID=fairlead-base\nID_LIKE=debian\nVERSION_ID="12"\nPRETTY_NAME="Fairlead base (Node over busybox)"\n',
  );
  mkdirSync(join(root, 'home/node'), { recursive: true });
  if (process.getuid?.() === 0) chownSync(join(root, 'home/node'), 1000, 1000);
}
