import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** The label an image of ours carries: a hash of everything it was made from. It matches → nothing to do. */
export const inputsLabel = 'fairlead.inputs';

/** Hash of texts and of files by content and name, wherever the checkout lies; a directory stands for all files below it. */
export function hashOf({ texts = [], files = [] }: { texts?: readonly string[]; files?: readonly string[] }): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:${text}`);
  for (const path of files) {
    for (const file of filesBelow(path)) {
      const content = readFileSync(file);
      hash.update(`${relative(dirname(path), file)}:${content.length}:`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 32);
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesBelow(join(path, name)));
}
