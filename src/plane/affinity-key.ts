import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDurably, writeDurably } from '../base/durable-file.ts';

const keyPattern = /^[0-9a-f]{64}\n$/;

/**
 * The key that cookies of `proxy.sticky` are signed with, 256 bits in hex: the one in the data directory, else a new one that
 * is kept there (0600). Without it sessions begin anew and nothing else is lost, so no file and no disk keeps the proxy
 * from starting.
 *
 * @param onFault told in words why the key could not be kept.
 */
export function affinityKey(dataDir: string, onFault: (why: string) => void): string {
  const path = join(dataDir, 'affinity-key');
  const fresh = `${randomBytes(32).toString('hex')}\n`;
  try {
    if (createDurably(path, fresh)) return fresh.trim();
    const kept = readFileSync(path, 'utf8');
    if (keyPattern.test(kept)) return kept.trim();
    writeDurably(path, fresh);
  } catch (error) {
    onFault(`${path}: ${(error as NodeJS.ErrnoException).code ?? error}`);
  }
  return fresh.trim();
}
