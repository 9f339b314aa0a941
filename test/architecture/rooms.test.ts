import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

/** From the top of the house down; rooms on one line do not see each other. */
const rooms = [
  ...[
    'base',
    'http',
    'docker',
    'labels',
    'routing',
    'upstream',
    'limit cache auth compress',
    'steps',
    'proxy',
    'tls',
    'engine',
  ],
  ...['translate', 'admin', 'dashboard', 'store', 'plane', 'cli', 'main.ts'],
].map((line) => line.split(' '));

const root = join(import.meta.dirname, '../..');
const files = (pattern: string) =>
  globSync(pattern, { cwd: root }).map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
const roomOf = (name: string) => name.split('/')[1] ?? '';
const rankOf = (room: string) => rooms.findIndex((line) => line.includes(room));

function importsOf({ name, text }: { name: string; text: string }): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport\(?)\s*'(\.[^']+)'/g);
  return [...found].map((match) => relative(root, join(root, dirname(name), match[1] ?? '')));
}

function mayImport(from: string, to: string): boolean {
  // The plane brings everything together, as main does.
  if (from === to || from === 'plane' || from === 'main.ts') return to !== 'dashboard' || from === to;
  if (from === 'engine') return to === 'base' || to === 'http';
  return rankOf(to) < rankOf(from);
}

test('a room imports only from rooms above it, and an engine only words', () => {
  const wrong = files('src/**/*.ts').flatMap((file) =>
    importsOf(file)
      .filter((path) => !mayImport(roomOf(file.name), roomOf(path)))
      .map((path) => `${file.name} imports ${path}`),
  );
  assert.deepEqual(wrong, []);
});

/** What the browser gets of other rooms: pure, so that nothing else comes with them. */
const sharedWithBrowsers = [
  'src/admin/issuer-words.ts',
  'src/admin/lingering-text.ts',
  'src/admin/tls-words.ts',
  'src/base/ms-text.ts',
  'src/http/failure-help.ts',
  'src/http/failure.ts',
  'src/http/secret-header.ts',
  'src/labels/problem-sentence.ts',
];

test('what runs in a browser imports types, a few pure modules and two packages, and is imported by nobody', () => {
  const own = files('src/dashboard/*.ts').map(({ name }) => name);
  const withoutTypes = (text: string) => text.replace(/^(?:import|export) type [^;]*;/gm, '');
  const wrong = [...own, ...sharedWithBrowsers].flatMap((name) => {
    const text = withoutTypes(readFileSync(join(root, name), 'utf8'));
    const known = new Set([...(own.includes(name) ? own : []), ...sharedWithBrowsers]);
    const packages = [...text.matchAll(/\bfrom '([^.'][^']*)'/g)].map((match) => match[1] ?? '');
    return [
      ...importsOf({ name, text }).filter((path) => !known.has(path)),
      ...packages.filter((word) => !/^(?:lit-html(?:\/directives\/[a-z]+\.js)?|uplot)$/.test(word)),
    ].map((path) => `${name} imports ${path}`);
  });
  assert.deepEqual(wrong, []);
});

test('every file under src stands in a known room', () => {
  assert.deepEqual(
    files('src/**/*.ts').flatMap(({ name }) => (rankOf(roomOf(name)) < 0 ? [name] : [])),
    [],
  );
});

test('no file under src has more than 300 lines', () => {
  const long = files('src/**/*.ts').map(({ name, text }) => ({ name, lines: text.trimEnd().split('\n').length }));
  assert.deepEqual(
    long.filter(({ lines }) => lines > 300),
    [],
  );
});

test('no test is skipped, put off or run alone', () => {
  const marks = /\b(?:test|it|describe|suite|t)\.(?:skip|todo|only)\b|\b(?:skip|todo|only): *(?:true|['"`])/;
  assert.deepEqual(
    files('test/**/*.ts').flatMap(({ name, text }) => (marks.test(text) ? [name] : [])),
    [],
  );
});

test('nothing is exported by default', () => {
  assert.deepEqual(
    files('{src,test,scripts,bench}/**/*.ts').flatMap(({ name, text }) =>
      /^export (?:default\b|\{[^}]*\bas default\b)/m.test(text) ? [name] : [],
    ),
    [],
  );
});
