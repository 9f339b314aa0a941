import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { failureKinds, type Reason } from '../../src/http/failure.ts';
import { failureCauses } from '../../src/http/failure-help.ts';
import { fairlead } from '../cli/terminal.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', ...globSync('docs/how-to/*.md', { cwd: root })];
const textOf = (page: string) => readFileSync(join(root, page), 'utf8');
const composeFiles = pages.flatMap((page) =>
  [...textOf(page).matchAll(/^```yaml\n(services:[\s\S]*?)^```/gm)].map(([, file = '']) => ({ page, file })),
);

test('the pages show compose files', () => {
  assert.ok(composeFiles.length >= 6);
});

for (const { page, file } of composeFiles)
  test(`check finds nothing wrong with the compose file of ${page}`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'fl-how-to-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, 'compose.yaml'), file);
    const { out } = await fairlead(['check', '--json', join(directory, 'compose.yaml')]);
    const { routes, problems } = JSON.parse(out) as { routes: number; problems: unknown[] };
    assert.deepEqual(problems, []);
    assert.ok(routes > 0);
  });

test('whatever a page leads to is there', () => {
  const links = globSync('{*.md,docs/**/*.md,compose-examples/**/*.md}', { cwd: root }).flatMap((page) =>
    [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#([^)\s]+))?\)/g)]
      .filter(([, path = '']) => !/^[a-z]+:/.test(path))
      .map(([, path = '', anchor]) => ({ page, path: join(page, '..', path), anchor })),
  );
  const names = new Set(globSync('**/*', { cwd: root, exclude: (name) => name === 'node_modules' || name === '.git' }));
  const headings = (page: string) =>
    [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
  const lost = links.filter(
    ({ path, anchor }) =>
      !names.has(path.replace(/\/$/, '')) ||
      (anchor !== undefined && path.endsWith('.md') && !headings(path).includes(anchor)),
  );
  assert.deepEqual(lost, []);
});

test('each reason has causes, and a remedy for each', () => {
  for (const reason of Object.keys(failureKinds) as Reason[]) {
    const causes = failureCauses(reason);
    assert.ok(causes.length > 0, reason);
    for (const { cause, remedy } of causes) assert.ok(cause !== '' && remedy !== '', reason);
  }
});
