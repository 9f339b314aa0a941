import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Keyv } from 'keyv';
import { systemClock } from '../../src/base/clock.ts';
import { openStore } from '../../src/store/store.ts';
import { StoreFailure } from '../../src/store/store-failure.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { killedAfter } from '../support/killed-child.ts';
import { linesLog } from '../support/lines-log.ts';
import { fc } from '../support/properties.ts';
import { onSmallDisk } from '../support/small-disk.ts';

function opened(t: TestContext, dataDir: string, clock = systemClock) {
  const { log, lines } = linesLog();
  const store = openStore({ dataDir, log, clock });
  t.after(() => store.close());
  return { store, lines };
}

async function listed(entries: Keyv): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const entry of entries.iterator()) found.push(entry);
  return found;
}

const file = (dataDir: string) => join(dataDir, 'store', 'fairlead.db');
const script = (name: string) => join(import.meta.dirname, name);

test('entries of one namespace are found again by the next process, and by no other namespace', async (t) => {
  const dataDir = temporaryDirectory(t);
  const first = openStore({ dataDir, log: linesLog().log, clock: systemClock });
  await first.of('acme').set('account', { url: 'https://ca.test/1', tags: ['a', 'ü'] });
  first.close();
  const { store } = opened(t, dataDir);
  assert.deepEqual(await store.of('acme').get('account'), { url: 'https://ca.test/1', tags: ['a', 'ü'] });
  assert.equal(await store.of('ledger').get('account'), undefined);
  assert.deepEqual(store.damages, []);
});

test('only the owner can read the files, whatever the umask and the mode before', async (t) => {
  const dataDir = temporaryDirectory(t);
  mkdirSync(join(dataDir, 'store'), { mode: 0o700 });
  writeFileSync(file(dataDir), '');
  chmodSync(file(dataDir), 0o644);
  const { store } = opened(t, dataDir);
  await store.of('acme').set('key', 'secret');
  const modes = readdirSync(join(dataDir, 'store')).map((name) => statSync(join(dataDir, 'store', name)).mode & 0o777);
  assert.deepEqual(new Set(modes), new Set([0o600]));
  assert.equal(modes.length, 3);
  const fresh = temporaryDirectory(t);
  opened(t, fresh);
  assert.equal(statSync(join(fresh, 'store')).mode & 0o777, 0o700);
});

test('any text is a key and any JSON a value', async (t) => {
  const { store } = opened(t, temporaryDirectory(t));
  const entries = store.of('any');
  const value = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, unit: 'grapheme', maxLength: 40 }), value, async (key, kept) => {
      await entries.set(key, kept);
      assert.deepEqual(await entries.get(key), kept);
      assert.equal(await entries.has(key), true);
      await entries.delete(key);
      assert.equal(await entries.get(key), undefined);
    }),
    { numRuns: 60 },
  );
});

test('entries are listed, many are read at once, and clearing a namespace leaves the others', async (t) => {
  const { store } = opened(t, temporaryDirectory(t));
  const [one, two] = [store.of('one'), store.of('two')];
  const keys = Array.from({ length: 250 }, (_, n) => `k${String(n).padStart(3, '0')}`);
  await one.setMany(keys.map((key, n) => ({ key, value: n })));
  await two.set('k000', 'other');
  assert.deepEqual(
    await listed(one),
    keys.map((key, n) => [key, n]),
  );
  assert.deepEqual(await one.getMany(['k001', 'none', 'k249']), [1, undefined, 249]);
  assert.deepEqual(await one.deleteMany(['k001', 'none']), [true, false]);
  assert.deepEqual(await one.hasMany(['k001', 'k002']), [false, true]);
  await one.clear();
  assert.deepEqual(await listed(one), []);
  assert.equal(await two.get('k000'), 'other');
});

test('an entry ends with its life, and the next start sweeps it from the disk', async (t) => {
  const dataDir = temporaryDirectory(t);
  let nowMs = Date.now();
  const clock = { ...systemClock, now: () => nowMs };
  const first = openStore({ dataDir, log: linesLog().log, clock });
  await first.of('short').set('token', 'x', 3_600_000);
  assert.equal(await first.of('short').get('token'), 'x');
  nowMs += 3_700_000;
  assert.equal(await first.of('short').get('token'), undefined);
  first.close();
  opened(t, dataDir, clock).store.close();
  using db = new DatabaseSync(file(dataDir));
  assert.deepEqual(db.prepare('SELECT key FROM entries').all(), []);
});

test('a value or a key above the limits is refused in words', async (t) => {
  const { store } = opened(t, temporaryDirectory(t));
  const entries = store.of('acme');
  await assert.rejects(entries.set('big', 'x'.repeat(1_048_577)), /acme\/big: \d+ bytes are more than the 1048576/);
  await assert.rejects(entries.set('k'.repeat(1_025), 1), StoreFailure);
  assert.equal(await entries.get('big'), undefined);
});

test('what was acknowledged outlives kill -9 at any point, and nothing is damaged by it', async (t) => {
  const dataDir = temporaryDirectory(t);
  let next = 0;
  for (const lines of [1, 40, 7, 150, 23]) {
    const seen = await killedAfter(lines, script('store-writer.ts'), [dataDir, String(next)]);
    next = Number(seen.at(-1)) + 1;
    const { store } = opened(t, dataDir);
    const entries = store.of('written');
    for (let n = 0; n < next; n++) {
      assert.deepEqual(await entries.get(`n${n}`), { n, padding: 'x'.repeat((n * 997) % 20_000) });
    }
    assert.deepEqual(store.damages, []);
    store.close();
  }
});

test('a file that is no database is set aside, reported, and a new one begun', async (t) => {
  const dataDir = temporaryDirectory(t);
  mkdirSync(join(dataDir, 'store'));
  writeFileSync(file(dataDir), 'no database at all '.repeat(500));
  const { store, lines } = opened(t, dataDir);
  const [damage] = store.damages;
  assert.match(damage?.keptAs ?? '', /fairlead\.db\.damaged-\d{8}T\d{9}Z$/);
  assert.match(damage?.why ?? '', /not a database/);
  assert.equal(statSync(damage?.keptAs ?? '').size, 9_500);
  assert.equal(lines[0]?.level, 'error');
  assert.equal(lines[0]?.keptAs, damage?.keptAs);
  await store.of('acme').set('a', 1);
  assert.equal(await store.of('acme').get('a'), 1);
});

test('so is a database of somebody else', async (t) => {
  const dataDir = temporaryDirectory(t);
  mkdirSync(join(dataDir, 'store'));
  const foreign = new DatabaseSync(file(dataDir));
  foreign.exec('CREATE TABLE entries (a, b)');
  foreign.close();
  const { store } = opened(t, dataDir);
  assert.equal(store.damages.length, 1);
  await store.of('acme').set('a', 1);
});

test('so is one that was cut, wherever the cut', async (t) => {
  for (const keep of [0.1, 0.5, 0.9]) {
    const dataDir = temporaryDirectory(t);
    const first = openStore({ dataDir, log: linesLog().log, clock: systemClock });
    for (let n = 0; n < 50; n++) await first.of('acme').set(`n${n}`, 'x'.repeat(5_000));
    first.close();
    truncateSync(file(dataDir), Math.floor(statSync(file(dataDir)).size * keep));
    const { store } = opened(t, dataDir);
    assert.equal(store.damages.length, 1, `cut at ${keep}`);
    await store.of('acme').set('a', 1);
    assert.equal(await store.of('acme').get('a'), 1);
  }
});

test('a database that is damaged while it is in use is set aside too, and the write is done on the new one', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { store } = opened(t, dataDir);
  for (let n = 0; n < 50; n++) await store.of('acme').set(`n${n}`, 'x'.repeat(5_000));
  // The log is emptied into the file, so that the file alone holds what is then overwritten.
  using db = new DatabaseSync(file(dataDir));
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  writeFileSync(file(dataDir), Buffer.alloc(statSync(file(dataDir)).size, 0xa5));
  db.close();
  await store.of('acme').set('after', 'damage');
  assert.equal(await store.of('acme').get('after'), 'damage');
  assert.equal(store.damages.length, 1);
});

test('a damaged entry is set aside alone and reported; its neighbours stand', async (t) => {
  const dataDir = temporaryDirectory(t);
  const { store, lines } = opened(t, dataDir);
  const entries = store.of('acme');
  await entries.setMany([
    { key: 'good', value: 1 },
    { key: 'bad', value: 2 },
  ]);
  using db = new DatabaseSync(file(dataDir));
  db.prepare("UPDATE entries SET value = replace(value, '2', '3') WHERE key = 'bad'").run();
  assert.equal(await entries.get('bad'), undefined);
  assert.equal(await entries.get('good'), 1);
  assert.match(store.damages[0]?.path ?? '', /fairlead\.db#acme\/bad$/);
  assert.equal(lines.length, 1);
  assert.equal(db.prepare('SELECT key FROM damaged').get()?.key, 'bad');
  await entries.set('bad', 4);
  assert.equal(await entries.get('bad'), 4);
});

test('of files set aside only the newest are kept', (t) => {
  const dataDir = temporaryDirectory(t);
  mkdirSync(join(dataDir, 'store'));
  for (let n = 0; n < 9; n++) {
    writeFileSync(file(dataDir), `no database ${n}`.repeat(100));
    opened(t, dataDir).store.close();
  }
  const kept = readdirSync(join(dataDir, 'store')).filter((name) => name.includes('.damaged-'));
  assert.equal(kept.length, 5);
});

test('a full disk is an error in words for who writes, and what was there can be read', async (t) => {
  const dataDir = temporaryDirectory(t);
  const outcome = await onSmallDisk({ directory: dataDir, kib: 1_024 }, [script('full-disk.ts')]);
  assert.equal(outcome.name, 'StoreFailure');
  assert.match(String(outcome.message), /fairlead\.db: the disk (is full|failed, or is full)/);
  assert.ok(Number(outcome.written) > 5, String(outcome.written));
  assert.equal(outcome.first, 'kept');
  assert.equal(outcome.lastLength, 10_000);
});

test('a store that cannot be made is an error in words', (t) => {
  const dataDir = temporaryDirectory(t);
  writeFileSync(join(dataDir, 'store'), 'a file in the way');
  assert.throws(() => openStore({ dataDir, log: linesLog().log, clock: systemClock }), StoreFailure);
});

test('a closed store says so', async (t) => {
  const { store } = opened(t, temporaryDirectory(t));
  store.close();
  await assert.rejects(store.of('acme').get('a'), /the store is closed/);
});
