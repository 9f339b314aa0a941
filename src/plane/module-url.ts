import { fileURLToPath } from 'node:url';

/** A module beside `from` in the form that runs here: `.ts` in a checkout, `.js` once built (tsc rewrites imports, but not such names). */
export function siblingModule(name: string, from: string): string {
  const extension = from.endsWith('.ts') ? '.ts' : '.js';
  return fileURLToPath(new URL(`./${name}${extension}`, from));
}
