import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { dataDirectoryProblem, keptAdminToken } from '../../src/cli/data-directory.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';

test('a new data directory is for its owner only', (t) => {
  const dir = join(temporaryDirectory(t), 'a', 'b');
  assert.equal(dataDirectoryProblem(dir), null);
  assert.equal(statSync(dir).mode & 0o777, 0o700);
});

test('one that was there keeps its mode', (t) => {
  const dir = join(temporaryDirectory(t), 'shared');
  mkdirSync(dir, { mode: 0o755 });
  assert.equal(dataDirectoryProblem(dir), null);
  assert.equal(statSync(dir).mode & 0o777, 0o755);
});

test('one that cannot be used is a problem of the settings, in a sentence', (t) => {
  const dir = temporaryDirectory(t);
  writeFileSync(join(dir, 'file'), '');
  for (const path of [join(dir, 'file'), join(dir, 'file', 'below'), '/proc/nothing', join(dir, 'x'.repeat(120))]) {
    const problem = dataDirectoryProblem(path);
    assert.equal(problem?.label, 'FAIRLEAD_DATA');
    assert.match(problem?.expected ?? '', /^a directory that can be written: \//, path);
  }
});

test('a token is made once, for its owner only, and found again', (t) => {
  const dir = temporaryDirectory(t);
  const first = keptAdminToken(dir);
  assert.equal(first.isNew, true);
  assert.ok(first.token.length >= 32);
  assert.equal(statSync(join(dir, 'admin-token')).mode & 0o777, 0o600);
  assert.deepEqual(keptAdminToken(dir), { token: first.token, isNew: false });
});
