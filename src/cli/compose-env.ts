import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

const fileBytesMax = 1024 ** 2;

/** The variables of a file such as `.env`; none where there is no such file, or nobody can read it. */
export function readEnvFile(path: string): Readonly<Record<string, string | undefined>> {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length <= fileBytesMax ? parseEnv(text) : {};
  } catch {
    return {};
  }
}
