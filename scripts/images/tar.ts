import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Packs files of a directory. The engine sees a cut archive as a whole one, so a tar that failed breaks the stream. */
export function tar(directory: string, names: readonly string[]): Readable {
  const child = spawn('tar', ['-C', directory, '-c', ...names], { stdio: ['ignore', 'pipe', 'inherit'] });
  const fail = (error: Error) => child.stdout.destroy(error);
  child.on('error', fail).on('close', (code) => {
    if (code !== 0) fail(new Error(`tar of ${directory} ended with ${code}`));
  });
  return child.stdout;
}
