import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createDurably, writeDurably } from '../../src/base/durable-file.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';

test('a file is replaced as a whole, is for its owner only, and leaves no draft', (t) => {
  const dir = temporaryDirectory(t);
  const path = join(dir, 'file');
  for (const content of ['long enough', 'short']) writeDurably(path, content);
  assert.equal(readFileSync(path, 'utf8'), 'short');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(dir), ['file']);
});

test('a file is made by the first who asks, and the others leave it alone', (t) => {
  const dir = temporaryDirectory(t);
  const path = join(dir, 'file');
  assert.deepEqual([createDurably(path, 'first'), createDurably(path, 'second')], [true, false]);
  assert.equal(readFileSync(path, 'utf8'), 'first');
  assert.deepEqual(readdirSync(dir), ['file']);
});

test('what cannot be written is an error, and leaves no draft', (t) => {
  const dir = temporaryDirectory(t);
  mkdirSync(join(dir, 'directory', 'in the way'), { recursive: true });
  assert.throws(() => writeDurably(join(dir, 'directory'), 'x'), /EISDIR|ENOTEMPTY/);
  assert.throws(() => createDurably(join(dir, 'nowhere', 'file'), 'x'), /ENOENT/);
  assert.deepEqual(readdirSync(dir), ['directory']);
});
