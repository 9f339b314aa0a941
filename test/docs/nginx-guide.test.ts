import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { guideFile, labelsOfGuide } from '../e2e/guide/guide-site.ts';

const docs = join(import.meta.dirname, '../../docs');
const guideTests = join(import.meta.dirname, '../e2e/guide');
const page = readFileSync(join(docs, 'nginx-guide.md'), 'utf8');
/** `[word](path) "name of a test"`, as the last column of the tables has it. */
const named = [...page.matchAll(/\]\((\.\.\/test\/[^)]+)\) "([^"]+)"/g)].map(([, path = '', name = '']) => ({
  file: join(docs, path),
  name,
}));
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !/^\| (---|nginx |in nginx )/.test(line));

test('each test that the page names is there, by its name', () => {
  assert.ok(named.length > 40);
  for (const { file, name } of named) {
    assert.ok(existsSync(file), file);
    assert.ok(namesIn(file).includes(name), `${file} has no test "${name}"`);
  }
});

test('each directive has a test, or says that it is not there yet', () => {
  for (const row of rows) assert.ok(/\) "/.test(row) || /not yet active/.test(row), row);
});

test('each test of the guide is named by a directive', () => {
  for (const file of globSync('*.test.ts', { cwd: guideTests })) {
    const path = join(guideTests, file);
    const [, ...inner] = namesIn(path);
    for (const name of inner) {
      const found = named.some((one) => one.file === path && one.name === name);
      // The heading of a second site in the same file stands for what is below it.
      assert.ok(found || /^[a-z ]+: /.test(name), `"${name}" of ${file} is not in the page`);
    }
  }
});

test('each label and setting of the compose file is in the page', () => {
  const labels = new Set(Object.values(labelsOfGuide()).flatMap((of) => Object.keys(of)));
  const settings = readFileSync(guideFile, 'utf8').match(/\bFAIRLEAD_[A-Z_]+/g) ?? [];
  assert.ok(labels.size > 20 && settings.length > 4);
  for (const key of [...labels, ...settings]) assert.match(page, new RegExp(`\`[^\`]*${key}\\b[^\`]*\``), key);
});

/** The names of a file's tests, as they stand behind `test(` and its like, on the same line or on the next. */
function namesIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/\b(?:test|it|cases)\(\s*'([^'\n]+)'/g)].map(([, name = '']) => name);
}
