import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testFolder } from '../support/issuer-settings.ts';

const nobody = 65_534;
const moduleUrl = new URL('../../src/plane/cache-place.ts', import.meta.url).href;

test('without the right to change owners the cache is opened to all in a directory that is closed, and kept', (t) => {
  const dataDir = testFolder(t);
  opened(dataDir);
  const path = join(dataDir, 'cache');
  assert.equal(statSync(path).mode & 0o777, 0o777);
  writeFileSync(join(path, 'entry'), '');
  opened(dataDir);
  assert.ok(existsSync(join(path, 'entry')));
});

test('where others may enter the data directory it is opened to nobody', (t: TestContext) => {
  const dataDir = testFolder(t);
  chmodSync(dataDir, 0o755);
  assert.throws(() => opened(dataDir), /EPERM/);
  assert.equal(statSync(join(dataDir, 'cache')).mode & 0o777, 0o700);
});

/** Opens the place for `nobody` in a process that has no capabilities, as in a container with `cap_drop: [ALL]`. */
function opened(dataDir: string): void {
  const script = `import { openCachePlace } from ${JSON.stringify(moduleUrl)}; openCachePlace(${JSON.stringify(dataDir)}, ${nobody});`;
  const node = [process.execPath, '--input-type=module', '--eval', script];
  const without = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all'] : [];
  const [program = '', ...args] = [...without, ...node];
  execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' });
}
