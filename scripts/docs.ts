import { readFileSync, writeFileSync } from 'node:fs';
import { settingsMarkdown } from '../src/cli/settings-text.ts';
import { labelsPage } from './docs/labels-page.ts';
import { labelsSchema } from './docs/labels-schema.ts';
import { limitsPage } from './docs/limits-page.ts';
import { reasonsPage } from './docs/reasons-page.ts';

/** `npm run docs` writes the pages that are made from code; `--check` only says whether they are current. */
const pages: Readonly<Record<string, () => string>> = {
  'docs/labels.md': labelsPage,
  'docs/labels.schema.json': labelsSchema,
  'docs/limits.md': limitsPage,
  'docs/reasons.md': reasonsPage,
  'docs/settings.md': settingsMarkdown,
};

for (const [path, page] of Object.entries(pages)) {
  const file = new URL(`../${path}`, import.meta.url);
  if (!process.argv.includes('--check')) writeFileSync(file, page());
  else if (readFileSync(file, 'utf8') !== page()) {
    console.error(`${path} is not current: run \`npm run docs\``);
    process.exitCode = 1;
  }
}
