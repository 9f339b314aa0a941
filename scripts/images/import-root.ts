import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { inputsLabel } from './inputs.ts';
import { progressOf } from './progress.ts';

export interface RootImage {
  readonly tag: string;
  readonly inputs: string;
  /** Dockerfile instructions that give the image its settings: `ENV …`, `CMD …`. */
  readonly changes: readonly string[];
  /** Fills an empty directory with the image's files. */
  readonly fill: (root: string) => Promise<void>;
}

/** Makes an image of one layer from a directory, as `docker import` does. */
export async function importRoot(docker: Docker, image: RootImage): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-root-'));
  try {
    await image.fill(root);
    const tar = spawn('tar', ['-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise<void>((resolve, reject) => {
      tar
        .on('error', reject)
        .on('close', (code) => (code === 0 ? resolve() : reject(new Error(`tar ended with ${code}`))));
    });
    const [repo, tag = 'latest'] = image.tag.split(':');
    const changes = [...image.changes, `LABEL ${inputsLabel}=${image.inputs}`];
    const imported = docker
      .importImage(tar.stdout, { repo, tag, changes })
      .then((stream) => progressOf(docker, stream));
    await Promise.all([ended, imported]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
