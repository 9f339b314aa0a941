import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { affinityKey } from '../../src/plane/affinity-key.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-affinity-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const noFault = (why: string) => assert.fail(why);

test('the key is made once, and nobody else may read it', (t) => {
  const dir = folder(t);
  const key = affinityKey(dir, noFault);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal(affinityKey(dir, noFault), key);
  assert.equal(statSync(join(dir, 'affinity-key')).mode & 0o777, 0o600);
});

test('a file that holds no key is replaced: an empty key would let anybody sign', (t) => {
  for (const content of ['', 'short', `${'0'.repeat(63)}\n`]) {
    const dir = folder(t);
    writeFileSync(join(dir, 'affinity-key'), content);
    const key = affinityKey(dir, noFault);
    assert.match(key, /^[0-9a-f]{64}$/);
    assert.equal(readFileSync(join(dir, 'affinity-key'), 'utf8'), `${key}\n`);
  }
});

test('where nothing can be kept there is a key all the same, and it is said', (t) => {
  const dir = join(folder(t), 'missing');
  const faults: string[] = [];
  assert.match(
    affinityKey(dir, (why) => faults.push(why)),
    /^[0-9a-f]{64}$/,
  );
  assert.deepEqual(faults, [`${dir}/affinity-key: ENOENT`]);
});
