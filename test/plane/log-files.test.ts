import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { mainLog } from '../../src/plane/access-logs.ts';
import { LogFiles } from '../../src/plane/log-files.ts';
import { LogNames } from '../../src/plane/log-names.ts';
import { testFolder } from '../support/issuer-settings.ts';

function files(t: TestContext, mainPath: string | null = null) {
  const directory = testFolder(t);
  const names = new LogNames(directory);
  const told: string[] = [];
  const log = createLog({ level: 'info', format: 'json', write: (line) => told.push(line) });
  const written = new LogFiles({ directory, mainPath, names, log, monotonic: () => performance.now() });
  return { directory, names, told, written };
}

test('lines of a file come in the order in which they were handed over', async (t) => {
  const { directory, names, written } = files(t);
  names.faultOf('a.log');
  for (let i = 0; i < 100; i++) written.write('a.log', Buffer.from(`${i}\n`), 1);
  await written.close(5_000);
  const lines = readFileSync(join(directory, 'a.log'), 'utf8');
  assert.equal(lines, Array.from({ length: 100 }, (_, i) => `${i}\n`).join(''));
  assert.equal(written.droppedLines, 0);
});

test('a file that no label names is not written, whatever the data plane says', async (t) => {
  const { directory, written } = files(t);
  for (const name of ['other.log', '../up.log', mainLog]) written.write(name, Buffer.from('x\n'), 1);
  await written.close(5_000);
  assert.equal(written.droppedLines, 3);
  for (const name of ['other.log', '../up.log']) assert.ok(!existsSync(join(directory, name)));
});

test('what a disk does not take is bounded and counted, and told once', async (t) => {
  const { told, written } = files(t, '/dev/full');
  const batch = Buffer.alloc(1024 * 1024, 'x');
  // Nothing is written before this loop ends.
  for (let i = 0; i < 20; i++) written.write(mainLog, batch, 10);
  assert.ok(written.droppedLines >= 30 && written.droppedLines <= 50, String(written.droppedLines));
  await written.close(5_000);
  assert.equal(written.droppedLines, 200);
  assert.deepEqual(written.warnings, ['the access log /dev/full cannot be written: ENOSPC']);
  assert.equal(told.filter((line) => line.includes('cannot be written')).length, 1);
});
