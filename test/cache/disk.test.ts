import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { CacheRequest } from '../../src/cache/cache-request.ts';
import { CacheDirectory } from '../../src/cache/disk/cache-directory.ts';
import { DiskJanitor } from '../../src/cache/disk/disk-janitor.ts';
import { DiskStore } from '../../src/cache/disk/disk-store.ts';
import { DiskUsage } from '../../src/cache/disk/disk-usage.ts';
import { footerBytes, readFooter, readHead, writeTail } from '../../src/cache/disk/entry-file.ts';
import { placeOf } from '../../src/cache/entry.ts';
import { HttpCache } from '../../src/cache/http-cache.ts';
import { eventually } from '../support/engine.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fc } from '../support/properties.ts';
import { aHead, aRequest, fieldList, keep, nowMs } from './builders.ts';
import { SlowSink } from './slow-sink.ts';

const wholeBytesMax = 64 * 1024;

function onDisk(t: TestContext) {
  const path = mkdtempSync(join(tmpdir(), 'fl-cache-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  const directory = new CacheDirectory(path);
  directory.make();
  const usage = new DiskUsage();
  const clock = new FakeClock();
  /** Another store of the same directory, as another worker or a later process has it. */
  const open = (): DiskStore =>
    new DiskStore({ directory, usage, bytesMax: 10_000_000, wholeBytesMax, now: () => clock.now() });
  const files = (): string[] =>
    directory.folders.flatMap((folder) => readdirSync(join(path, folder)).map((name) => join(path, folder, name)));
  const janitor = (about: { bytesMax?: number; inactiveMs?: number } = {}): DiskJanitor =>
    new DiskJanitor({ directory, usage, bytesMax: 10_000_000, inactiveMs: 0, clock, ...about });
  return { directory, usage, clock, store: open(), open, files, janitor };
}

type Disk = ReturnType<typeof onDisk>;

const fresh = { 'Cache-Control': 'max-age=60', 'Cache-Tag': 'news' };
const at = (key: string, fields: Record<string, string> = {}): CacheRequest => aRequest(fields, { key, path: key });

async function written(disk: Disk, request: CacheRequest, content: Uint8Array, fields = fresh): Promise<void> {
  await disk.store.keep({ place: request.key, generation: 'g', stored: keep(aHead(fields), request) }, content);
}

async function found(store: DiskStore, request: CacheRequest): Promise<string | null> {
  const { entry } = await store.find(request);
  if (entry === null) return null;
  const sink = new SlowSink();
  entry.body.send(sink, 0, null);
  entry.body.release();
  return (await sink.whole()).toString();
}

describe('an answer on disk', () => {
  it('is not looked for where the last one was for one client alone, for two minutes or until one is for all', async (t) => {
    const disk = onDisk(t);
    let monotonicMs = 1;
    const options = { bytesMax: 1_000_000, inactiveMs: 3_600_000, disk: disk.store };
    const cache = new HttpCache({ ...options, now: () => nowMs, monotonic: () => monotonicMs });
    const isFound = (key: string): Promise<boolean> =>
      new Promise((resolve) =>
        cache.find(at(key), ({ entry }) => {
          entry?.body.release();
          resolve(entry !== null);
        }),
      );
    cache.pass('/a');
    // By another worker.
    await written(disk, at('/a'), Buffer.from('content'));
    assert.equal(await isFound('/a'), false);
    monotonicMs = 120_002;
    assert.equal(await isFound('/a'), true);

    cache.pass('/b');
    await written(disk, at('/b'), Buffer.from('content'));
    assert.equal(await isFound('/b'), false);
    cache.unpass('/b');
    assert.equal(await isFound('/b'), true);
  });

  it('is there for other workers, and after a restart', async (t) => {
    const disk = onDisk(t);
    await written(disk, at('/a'), Buffer.from('content'));
    assert.equal(await found(disk.open(), at('/a')), 'content');
    assert.equal(await found(disk.open(), at('/b')), null);
    assert.equal(disk.usage.bytes, statSync(disk.files()[0] ?? '').size);
  });

  it('is read in parts where it is large, by as many as want it, and after it was removed', async (t) => {
    const disk = onDisk(t);
    const content = randomBytes(1_000_000);
    await written(disk, at('/a'), content);
    const { entry } = await disk.open().find(at('/a'));
    assert.ok(entry);
    disk.store.remove('/a');
    const sinks = [new SlowSink(), new SlowSink(), new SlowSink()];
    entry.body.send(sinks[0] as SlowSink, 0, null);
    entry.body.send(sinks[1] as SlowSink, 999_000, 1_000_000);
    entry.body.send(sinks[2] as SlowSink, 5, 70_005);
    entry.body.release();
    const [whole, end, middle] = await Promise.all(sinks.map((sink) => sink.whole()));
    assert.ok(whole?.equals(content));
    assert.ok(end?.equals(content.subarray(999_000)));
    assert.ok(middle?.equals(content.subarray(5, 70_005)));
    assert.equal(await found(disk.open(), at('/a')), null);
    assert.equal(disk.usage.bytes, 0);
  });

  it('has other answers of its key beside it, until it goes', async (t) => {
    const disk = onDisk(t);
    const vary = { ...fresh, Vary: 'X-Lang' };
    const [de, en] = [at('/a', { 'X-Lang': 'de' }), at('/a', { 'X-Lang': 'en' })];
    await written(disk, de, Buffer.from('hallo'), vary);
    const { first, entry } = await disk.store.find(en);
    assert.equal(entry, null);
    const place = placeOf(en, first);
    await disk.store.keep({ place, generation: 'g', stored: keep(aHead(vary), en) }, Buffer.from('hello'));
    assert.deepEqual([await found(disk.open(), de), await found(disk.open(), en)], ['hallo', 'hello']);
    disk.store.remove('/a');
    assert.deepEqual([await found(disk.open(), de), await found(disk.open(), en)], [null, null]);
  });

  it('takes other fields without its body', async (t) => {
    const disk = onDisk(t);
    await written(disk, at('/a'), randomBytes(100_000));
    const { entry } = await disk.store.find(at('/a'));
    assert.ok(entry);
    entry.body.release();
    const stored = { ...entry.stored, fields: ['X-New', 'y'.repeat(9_000)], responseMs: nowMs + 1 };
    await disk.store.update({ place: '/a', generation: 'g', stored }, entry);
    const again = await disk.open().find(at('/a'));
    again.entry?.body.release();
    assert.deepEqual(again.entry?.stored, stored);
    assert.equal(disk.usage.bytes, statSync(disk.files()[0] ?? '').size);
  });

  it('is nothing where any of its bytes is not what was written', async (t) => {
    const disk = onDisk(t);
    await written(disk, at('/a'), Buffer.from('content'));
    const [path = ''] = disk.files();
    const good = readFileSync(path);
    for (let i = 0; i < good.length; i += 7) {
      const bad = Buffer.from(good);
      bad[i] = (bad[i] ?? 0) ^ 1;
      writeFileSync(path, bad);
      assert.equal(await found(disk.open(), at('/a')), null, `byte ${i}`);
      assert.deepEqual(disk.files(), [], `byte ${i}`);
    }
    for (const length of [0, 1, footerBytes, good.length - 1]) {
      writeFileSync(path, good.subarray(0, length));
      assert.equal(await found(disk.open(), at('/a')), null, `${length} bytes`);
    }
  });

  it('is not there before it is whole', async (t) => {
    const disk = onDisk(t);
    const tape = disk.store.tape();
    tape?.append(Buffer.from('half'));
    await tape?.read(0, 0);
    assert.equal(await found(disk.open(), at('/a')), null);
    await tape?.discard();
    assert.deepEqual(readdirSync(disk.directory.unfinished), []);
    tape?.release();
  });

  it('is not kept when it was removed while it was written', async (t) => {
    const disk = onDisk(t);
    const head = { place: '/a', generation: 'g', stored: keep(aHead(fresh), at('/a')) };
    const keeping = disk.store.keep(head, randomBytes(100_000));
    disk.store.remove('/a');
    await keeping;
    assert.deepEqual(readdirSync(disk.directory.unfinished), []);
    assert.deepEqual(disk.files(), []);
  });
});

describe('the janitor', () => {
  const kept = async (disk: Disk, names: readonly string[]): Promise<readonly string[]> => {
    const there = await Promise.all(
      names.map(async (name) => ((await found(disk.open(), at(name))) === null ? '' : name)),
    );
    return there.filter((name) => name !== '');
  };
  /** Written at a time of the fake clock; asked for again, if that is said. */
  const aged = async (disk: Disk, name: string, ageMs: number, proven = false): Promise<void> => {
    await written(disk, at(name), randomBytes(10_000));
    const path = disk.directory.fileOf(name);
    if (proven) {
      disk.store.touch(name);
      await eventually('it is marked', async () => (statSync(path).mode & 0o100) !== 0);
    }
    const seconds = (disk.clock.now() - ageMs) / 1000;
    await eventually('its time is set', async () => {
      utimesSync(path, seconds, seconds);
      return Math.abs(statSync(path).mtimeMs - seconds * 1000) < 10;
    });
  };

  it('removes what nobody has asked for', async (t) => {
    const disk = onDisk(t);
    await aged(disk, '/old', 70_000);
    await aged(disk, '/young', 10_000);
    const janitor = disk.janitor({ inactiveMs: 60_000 });
    await janitor.round();
    assert.deepEqual(await kept(disk, ['/old', '/young']), ['/young']);
    assert.equal(janitor.entries, 1);
  });

  it('makes room by what was asked for once, before what was asked for again', async (t) => {
    const disk = onDisk(t);
    await aged(disk, '/wanted', 50_000, true);
    for (let i = 0; i < 8; i++) await aged(disk, `/once-${i}`, 40_000 - 1_000 * i);
    await disk.janitor({ bytesMax: 60_000 }).round();
    const left = await kept(disk, ['/wanted', ...Array.from({ length: 8 }, (_, i) => `/once-${i}`)]);
    assert.deepEqual(left, ['/wanted', '/once-4', '/once-5', '/once-6', '/once-7']);
    assert.ok(disk.usage.bytes <= 54_000);
  });

  it('knows how much there is after a restart, and removes what was left unfinished', async (t) => {
    const disk = onDisk(t);
    await aged(disk, '/a', 0);
    const bytes = disk.usage.bytes;
    writeFileSync(join(disk.directory.unfinished, 'left'), 'x');
    disk.usage.add(-bytes);
    const janitor = disk.janitor();
    await janitor.start();
    janitor.close();
    assert.equal(disk.usage.bytes, bytes);
    assert.deepEqual(readdirSync(disk.directory.unfinished), []);
  });

  it('purges by what entries are tagged with', async (t) => {
    const disk = onDisk(t);
    await written(disk, at('/a'), Buffer.from('a'));
    await written(disk, at('/b'), Buffer.from('b'), { 'Cache-Control': 'max-age=60', 'Cache-Tag': 'sport' });
    const rule = { host: null, path: null, prefix: null, tag: 'news', beforeMs: nowMs };
    assert.equal(await disk.janitor().purge(rule), 1);
    assert.deepEqual(await kept(disk, ['/a', '/b']), ['/b']);
  });
});

describe('the tail of a file', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(), fc.nat(), (text, bytes, sum) => {
        const stored = keep(aHead({ ...fresh, 'X-Text': text }), aRequest({}, { key: text, headers: fieldList() }));
        const head = { place: text, generation: text, stored };
        const tail = writeTail(head, { bytes, sum });
        const footer = readFooter(tail.subarray(tail.length - footerBytes), bytes + tail.length);
        assert.ok(footer);
        assert.deepEqual([footer.bodyBytes, footer.bodySum], [bytes, sum]);
        assert.deepEqual(readHead(tail.subarray(0, footer.headBytes), footer), head);
        assert.equal(readFooter(tail.subarray(tail.length - footerBytes), bytes + tail.length + 1), null);
      }),
    );
  });
});
