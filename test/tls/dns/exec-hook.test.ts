import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { alive } from '../../../scripts/engine/process-state.ts';
import { execHook } from '../../../src/tls/dns/exec-hook.ts';
import { eventually } from '../../support/engine.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { failureOf } from './failure-of.ts';

const { signal } = new AbortController();
const record = { name: 'app.example.test', owner: '_acme-challenge.app.example.test', isCertain: true };

/** A hook that is a shell script; `dir` is where it may leave files, and `$DIR` for it. */
function hook(t: TestContext, script: string) {
  const dir = mkdtempSync(join(tmpdir(), 'fl-hook-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const command = join(dir, 'hook with blanks; exit 0');
  writeFileSync(command, `#!/bin/sh\n${script}\n`);
  chmodSync(command, 0o755);
  const clock = new FakeClock();
  const env = { PATH: process.env.PATH, DIR: dir, FAIRLEAD_ADMIN_TOKEN: 'a secret' };
  const file = (name: string) => join(dir, name);
  return { clock, command, file, provider: execHook({ command, clock, env }) };
}

test('the command is told what to do by arguments and by its environment, without the settings of the proxy', async (t) => {
  const { provider, file } = hook(
    t,
    'printf "%s|" "$#" "$@" >>"$DIR/said"; env | grep ^FAIRLEAD_ | sort >"$DIR/env.$1"',
  );
  const remove = await provider.present(record, '-v$(x)', signal);
  await remove();
  assert.equal(
    readFileSync(file('said'), 'utf8'),
    `3|present|${record.owner}|-v$(x)|3|cleanup|${record.owner}|-v$(x)|`,
  );
  assert.deepEqual(readFileSync(file('env.present'), 'utf8').trim().split('\n'), [
    'FAIRLEAD_DNS_ACTION=present',
    'FAIRLEAD_DNS_NAME=app.example.test',
    `FAIRLEAD_DNS_RECORD=${record.owner}`,
    'FAIRLEAD_DNS_VALUE=-v$(x)',
  ]);
});

test('another exit code than 0 is a failure with the end of what the command said, made harmless', async (t) => {
  const { provider, command } = hook(
    t,
    'yes stdout | head -c 300000; yes no | head -c 200000 >&2; printf "\\033[31mquota\\nreached\\007" >&2; exit 3',
  );
  const { message } = await failureOf(provider.present(record, 'v', signal));
  assert.ok(message.startsWith(`${command} present ${record.owner} ended with code 3: `));
  assert.match(message, /no no \[31mquota reached$/);
  assert.ok(message.length < 600, `${message.length} characters`);
});

test('a failed cleanup is a failure too', async (t) => {
  const { provider } = hook(t, '[ "$1" = present ]');
  const remove = await provider.present(record, 'v', signal);
  assert.match(
    (await failureOf(remove())).message,
    /cleanup _acme-challenge\.app\.example\.test ended with code 1: nothing on stderr/,
  );
});

test('a command that is not there, or may not be run, is a failure that says so', async (t) => {
  const { command, clock, provider } = hook(t, '');
  const missing = execHook({ command: '/nowhere/hook', clock, env: {} });
  assert.match(
    (await failureOf(missing.present(record, 'v', signal))).message,
    /before it began \(spawn \/nowhere\/hook ENOENT\)/,
  );
  chmodSync(command, 0o644);
  assert.match((await failureOf(provider.present(record, 'v', signal))).message, /before it began \(spawn .* EACCES\)/);
});

test('a command that takes more than 120 s is told to end, and 5 s later ended', async (t) => {
  const { provider, clock, file } = hook(t, 'trap "" TERM; touch "$DIR/runs"; sleep 1000');
  const adding = failureOf(provider.present(record, 'v', signal));
  await eventually('it runs', async () => existsSync(file('runs')));
  clock.advance(119_999);
  assert.equal(clock.pending, 1);
  clock.advance(1);
  assert.equal(clock.pending, 1);
  clock.advance(5_000);
  assert.match((await adding).message, /took more than 120 s and was ended: nothing on stderr/);
  assert.equal(clock.pending, 0);
});

test('an abort ends the command, with its reason', async (t) => {
  const { provider, file } = hook(t, 'echo $$ >"$DIR/pid.new"; mv "$DIR/pid.new" "$DIR/pid"; exec sleep 1000');
  const abort = new AbortController();
  const adding = provider.present(record, 'v', abort.signal);
  const rejected = assert.rejects(adding, /^Error: shutting down$/);
  await eventually('it runs', async () => existsSync(file('pid')));
  abort.abort(new Error('shutting down'));
  await rejected;
  assert.equal(alive(Number(readFileSync(file('pid'), 'utf8'))), false);
});

test('what a command leaves running ends with it', async (t) => {
  const { provider, file } = hook(t, 'sleep 1000 & echo $! >"$DIR/pid"');
  await provider.present(record, 'v', signal);
  const pid = Number(readFileSync(file('pid'), 'utf8'));
  await eventually('the rest has ended', async () => !alive(pid));
});
