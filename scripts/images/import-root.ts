import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { inputsLabel } from './inputs.ts';
import { progressOf } from './progress.ts';
import { tar } from './tar.ts';

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
    const [repo, tag = 'latest'] = image.tag.split(':');
    const changes = [...image.changes, `LABEL ${inputsLabel}=${image.inputs}`];
    await progressOf(docker, await docker.importImage(tar(root, ['.']), { repo, tag, changes }));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
