import { readFileSync } from 'node:fs';

/** Of this program, from its package.json, which stands beside `src` and `dist`. */
export const productVersion: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
