import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `whoami` in our own image is judged by the image's HEALTHCHECK, which asks for a proxy: so it leaves its port in the data
 * directory, where `healthcheck` finds it. Only where the environment names that directory, as the image does.
 */
export function leaveWhoamiMark(env: Readonly<Record<string, string | undefined>>, port: number): () => void {
  const dir = env.FAIRLEAD_DATA ?? '';
  if (dir === '') return () => {};
  const path = markPath(dir);
  try {
    writeFileSync(path, `${port}\n`, { mode: 0o600 });
  } catch {
    // No such directory, or not ours: then nobody asks there either.
    return () => {};
  }
  return () => rmSync(path, { force: true });
}

/** The port of a `whoami` that runs here; null where there is none. */
export function readWhoamiMark(env: Readonly<Record<string, string | undefined>>): number | null {
  const dir = env.FAIRLEAD_DATA ?? '';
  if (dir === '') return null;
  try {
    const port = Number(readFileSync(markPath(dir), 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
  } catch {
    return null;
  }
}

function markPath(dir: string): string {
  return join(dir, 'whoami-port');
}
