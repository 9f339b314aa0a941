import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { isPasswordOf } from '../../src/auth/password-hash.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { container } from '../labels/case-text.ts';
import { fairlead } from './terminal.ts';

/** That `proxy.auth.users` takes the entry as it stands, and the password fits. */
async function assertEntry(entry: string, password: string): Promise<void> {
  const labels = { 'proxy.host': 'a.test', 'proxy.auth': 'basic', 'proxy.auth.users': entry };
  assert.deepEqual(readLabels(container(labels)).problems, []);
  assert.ok(await isPasswordOf(password, entry.slice(entry.indexOf(':') + 1)));
}

test('an entry is made of a password that is piped in, and of one behind the name', async () => {
  const piped = await fairlead(['hash', 'alice'], {}, new EventEmitter(), 'pass word$1');
  assert.equal(piped.code, 0);
  await assertEntry(piped.out.trim(), 'pass word$1');
  const given = await fairlead(['hash', 'alice', 'x']);
  await assertEntry(given.out.trim(), 'x');
});

test('the command itself reads a pipe, line feed aside', async () => {
  const main = join(import.meta.dirname, '../../src/main.ts');
  const { stdout, status } = spawnSync(process.execPath, [main, 'hash', 'bob'], {
    input: 'secret\n',
    encoding: 'utf8',
  });
  assert.equal(status, 0);
  await assertEntry(stdout.trim(), 'secret');
});

test('nothing in an entry means anything to compose, to a shell or to YAML', async () => {
  for (let i = 0; i < 5; i++) {
    const { out } = await fairlead(['hash', 'alice', 'x']);
    assert.match(out, /^alice:\{SCRYPT\}[\w.-]+\n$/);
  }
});

test('a name that no entry can have, and no password, are refused', async () => {
  for (const args of [['a:b', 'x'], ['a b', 'x'], ['a,b', 'x'], ['alice']]) {
    const { code, err, out } = await fairlead(['hash', ...args]);
    assert.equal(code, 2);
    assert.match(err, /^fairlead: /);
    assert.equal(out, '');
  }
});
