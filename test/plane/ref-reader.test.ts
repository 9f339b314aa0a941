import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RefReader } from '../../src/plane/ref-reader.ts';

function begin(t: TestContext) {
  const dir = mkdtempSync(join(tmpdir(), 'fl-refs-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const path = join(dir, 'users');
  const reader = new RefReader({ OFFICE: '192.0.2.1' });
  return { dir, path, reader, read: () => reader.read({ ref: 'file', path }) };
}

test('a file is read, and is the same object until it changes', (t) => {
  const { path, reader, read } = begin(t);
  writeFileSync(path, 'one');
  const first = read();
  assert.deepEqual(first, { text: 'one' });
  assert.equal(read(), first);
  assert.equal(reader.changed(), false);
  writeFileSync(path, 'three');
  assert.equal(reader.changed(), true);
  assert.deepEqual(read(), { text: 'three' });
  assert.equal(reader.changed(), false);
});

test('a file that another of the same size and time takes the place of has changed', (t) => {
  const { dir, path, reader, read } = begin(t);
  const at = new Date(1_700_000_000_000);
  const next = join(dir, 'next');
  for (const [name, text] of [
    [path, 'aaa'],
    [next, 'bbb'],
  ] as const) {
    writeFileSync(name, text);
    utimesSync(name, at, at);
  }
  read();
  renameSync(next, path);
  assert.equal(reader.changed(), true);
  assert.deepEqual(read(), { text: 'bbb' });
});

test('a file that comes, and one that goes, is noticed', (t) => {
  const { path, reader, read } = begin(t);
  assert.deepEqual(read(), { fault: 'it is not there' });
  writeFileSync(path, 'here');
  assert.equal(reader.changed(), true);
  assert.deepEqual(read(), { text: 'here' });
  rmSync(path);
  assert.equal(reader.changed(), true);
  assert.deepEqual(read(), { fault: 'it is not there' });
});

test('what is no file, or too large for one, is said', (t) => {
  const { dir, path, reader, read } = begin(t);
  assert.deepEqual(reader.read({ ref: 'file', path: dir }), { fault: 'it is no file' });
  writeFileSync(path, 'x'.repeat(1024 ** 2 + 1));
  assert.deepEqual(read(), { fault: 'it is larger than 1 MiB' });
});

test('a file that nobody asks for any more is not looked at', (t) => {
  const { path, reader, read } = begin(t);
  writeFileSync(path, 'one');
  read();
  reader.sweep();
  reader.sweep();
  writeFileSync(path, 'three');
  assert.equal(reader.changed(), false);
});

test('a variable is the proxy’s own', (t) => {
  const { reader } = begin(t);
  assert.deepEqual(reader.read({ ref: 'env', name: 'OFFICE' }), { text: '192.0.2.1' });
  assert.deepEqual(reader.read({ ref: 'env', name: 'HOME_NET' }), { fault: 'it is not set' });
});
