import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { WatchDirectory } from '../../src/tls/directory-watch.ts';
import { FileCertificates } from '../../src/tls/file-certificates.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { linesLog } from '../support/lines-log.ts';
import { testRoot } from './test-authority.ts';

const root = await testRoot();
const first = await root.sign({ names: ['first.test'] });
const second = await root.sign({ names: ['second.test'] });

/** As on a mount that reports no events. */
const blind: WatchDirectory = () => null;

interface World {
  readonly files: FileCertificates;
  readonly lines: Record<string, unknown>[];
  readonly changes: string[];
  /** Resolves with the name at the next change. */
  change(): Promise<string>;
  put(path: string, content: string): void;
  path(path: string): string;
}

function world(t: TestContext, { clock = systemClock, watch }: { clock?: Clock; watch?: WatchDirectory } = {}): World {
  const dataDir = temporaryDirectory(t);
  const { log, lines } = linesLog();
  const events = new EventTarget();
  const changes: string[] = [];
  const onChange = (name: string) => {
    changes.push(name);
    events.dispatchEvent(new CustomEvent('change', { detail: name }));
  };
  const files = new FileCertificates({ dataDir, clock, log, onChange, ...(watch === undefined ? {} : { watch }) });
  t.after(() => files.close());
  const path = (name: string) => join(dataDir, 'certs', name);
  const put = (name: string, content: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  const change = async () => String(((await once(events, 'change'))[0] as CustomEvent).detail);
  return { files, lines, changes, change, put, path };
}

const namesOf = (files: FileCertificates, name = 'site') => files.get(name).certificate?.names[0];

for (const [chain, key] of [
  ['site.crt', 'site.key'],
  ['site.pem', 'site.key'],
  ['site/fullchain.pem', 'site/privkey.pem'],
  ['site/tls.crt', 'site/tls.key'],
] as const) {
  test(`a certificate is found as ${chain} with ${key}`, (t) => {
    const { files, put } = world(t);
    put(chain, first.pem);
    put(key, first.keyPem);
    assert.equal(namesOf(files), 'first.test');
    assert.equal(files.get('site').fault, null);
  });
}

test('one file may hold both', (t) => {
  const { files, put } = world(t);
  put('site.pem', first.keyPem + first.pem);
  assert.equal(namesOf(files), 'first.test');
});

test('of several the first in the documented order is taken', (t) => {
  const { files, put } = world(t);
  put('site/tls.crt', second.pem);
  put('site/tls.key', second.keyPem);
  put('site.crt', first.pem);
  put('site.key', first.keyPem);
  assert.equal(namesOf(files), 'first.test');
});

test('what is wrong is said with the file it is wrong with', (t) => {
  const { files, put, path, lines } = world(t);
  assert.match(
    files.get('none').fault ?? '',
    /there is no certificate none in .*certs; put none\.crt and none\.key there/,
  );
  put('keyless.crt', first.pem);
  assert.equal(files.get('keyless').fault, 'keyless.key is missing');
  put('odd.crt', first.pem);
  put('odd.key', second.keyPem);
  assert.match(files.get('odd').fault ?? '', /^odd\.crt and odd\.key: the key does not belong to the certificate/);
  put('big.crt', 'x'.repeat(300_000));
  put('big.key', first.keyPem);
  assert.match(files.get('big').fault ?? '', /^big\.crt is larger than 256 KiB/);
  mkdirSync(path('dir.crt'));
  put('dir.key', first.keyPem);
  assert.equal(files.get('dir').fault, 'dir.crt is no file');
  assert.equal(lines.length, 5);
});

test('a pipe in the place of a file holds nobody up', (t) => {
  const { files, put, path } = world(t);
  put('site.key', first.keyPem);
  execFileSync('mkfifo', [path('site.crt')]);
  assert.equal(files.get('site').fault, 'site.crt is no file');
});

test('no name leaves the directory', (t) => {
  const { files, put } = world(t);
  put('../outside.crt', first.pem);
  put('../outside.key', first.keyPem);
  put('.hidden.crt', first.pem);
  put('.hidden.key', first.keyPem);
  for (const name of [
    '../outside',
    '.hidden',
    '..',
    'a/../../outside',
    '/etc/ssl',
    '',
    'a\0b',
    'a..b',
    'x'.repeat(300),
  ])
    assert.match(files.get(name).fault ?? '', /is no name of a certificate/, name);
});

test('a change is seen as it happens, and told once', async (t) => {
  const { files, put, change, changes } = world(t);
  put('site.crt', first.pem);
  put('site.key', first.keyPem);
  assert.equal(namesOf(files), 'first.test');
  const changed = change();
  put('site.crt', second.pem);
  put('site.key', second.keyPem);
  assert.equal(await changed, 'site');
  assert.equal(namesOf(files), 'second.test');
  assert.deepEqual(changes, ['site']);
});

test('a certificate that comes later is seen in a directory of its own too', async (t) => {
  const { files, put, path, change } = world(t);
  mkdirSync(path('site'), { recursive: true });
  assert.notEqual(files.get('site').fault, null);
  const changed = change();
  put('draft/fullchain.pem', first.pem);
  put('draft/privkey.pem', first.keyPem);
  renameSync(path('draft/privkey.pem'), path('site/privkey.pem'));
  renameSync(path('draft/fullchain.pem'), path('site/fullchain.pem'));
  await changed;
  assert.deepEqual([namesOf(files), files.get('site').fault], ['first.test', null]);
});

test('the data volume of Kubernetes, swapped by one link, is seen', async (t) => {
  const { files, put, path, change } = world(t);
  put('site/..first/tls.crt', first.pem);
  put('site/..first/tls.key', first.keyPem);
  symlinkSync('..first', path('site/..data'));
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, path(`site/${name}`));
  assert.equal(namesOf(files), 'first.test');
  const changed = change();
  put('site/..second/tls.crt', second.pem);
  put('site/..second/tls.key', second.keyPem);
  symlinkSync('..second', path('site/..data_tmp'));
  renameSync(path('site/..data_tmp'), path('site/..data'));
  await changed;
  assert.deepEqual([namesOf(files), files.get('site').fault], ['second.test', null]);
});

test('the links of certbot, in a directory elsewhere, are followed', async (t) => {
  const { files, put, path, change } = world(t);
  const elsewhere = temporaryDirectory(t);
  mkdirSync(join(elsewhere, 'live'));
  const keep = (n: number, { pem, keyPem }: { pem: string; keyPem: string }) => {
    for (const [name, text] of [
      ['privkey', keyPem],
      ['fullchain', pem],
    ] as const) {
      writeFileSync(join(elsewhere, `${name}${n}.pem`), text);
      rmSync(join(elsewhere, 'live', `${name}.pem`), { force: true });
      symlinkSync(`../${name}${n}.pem`, join(elsewhere, 'live', `${name}.pem`));
    }
  };
  keep(1, first);
  put('README', '');
  symlinkSync(join(elsewhere, 'live'), path('site'));
  assert.equal(namesOf(files), 'first.test');
  const changed = change();
  keep(2, second);
  await changed;
  assert.equal(namesOf(files), 'second.test');
});

test('what is half written is reported, and the last good one stays in use until the rest is there', (t) => {
  const clock = new FakeClock();
  const { files, put, path, changes, lines } = world(t, { clock, watch: blind });
  put('site.crt', first.pem);
  put('site.key', first.keyPem);
  assert.equal(namesOf(files), 'first.test');
  put('site.crt', second.pem.slice(0, 300));
  clock.advance(30_000);
  assert.equal(namesOf(files), 'first.test');
  assert.match(files.get('site').fault ?? '', /site\.crt and site\.key: the file is cut short/);
  appendFileSync(path('site.crt'), second.pem.slice(300));
  clock.advance(30_000);
  assert.equal(namesOf(files), 'first.test');
  assert.match(files.get('site').fault ?? '', /the key does not belong/);
  put('site.key', second.keyPem);
  clock.advance(30_000);
  assert.deepEqual([namesOf(files), files.get('site').fault], ['second.test', null]);
  clock.advance(300_000);
  assert.deepEqual(changes, ['site', 'site', 'site']);
  assert.deepEqual(
    lines.map(({ level }) => level),
    ['info', 'warn', 'warn', 'info'],
  );
});

test('a certificate whose files are gone stays in use, and is reported', (t) => {
  const clock = new FakeClock();
  const { files, put, path } = world(t, { clock, watch: blind });
  put('site.crt', first.pem);
  put('site.key', first.keyPem);
  files.get('site');
  unlinkSync(path('site.crt'));
  clock.advance(30_000);
  assert.equal(namesOf(files), 'first.test');
  assert.match(files.get('site').fault ?? '', /there is no certificate site/);
});

test('without events a change is found by asking, be it only an intermediate that was added', async (t) => {
  const clock = new FakeClock();
  const middle = await root.sign({ name: 'middle', ca: true });
  const leaf = await middle.sign({ names: ['leaf.test'] });
  const { files, put, path, changes } = world(t, { clock, watch: blind });
  put('site.crt', leaf.pem);
  put('site.key', leaf.keyPem);
  files.get('site');
  put('new.crt', leaf.pem + middle.pem);
  renameSync(path('new.crt'), path('site.crt'));
  clock.advance(30_000);
  assert.deepEqual(changes, ['site']);
  assert.equal(files.get('site').certificate?.chainPem, leaf.pem + middle.pem);
});

test('a directory that is replaced by another of the same name is watched again', async (t) => {
  const clock = new FakeClock();
  const watched: { path: string; closed: boolean; onEvent: () => void }[] = [];
  const watch: WatchDirectory = (path, onEvent) => {
    const entry = { path, closed: false, onEvent };
    watched.push(entry);
    return {
      close: () => {
        entry.closed = true;
      },
    };
  };
  const { files, put, path, changes } = world(t, { clock, watch });
  put('site/tls.crt', first.pem);
  put('site/tls.key', first.keyPem);
  files.get('site');
  assert.deepEqual(
    watched.map((entry) => entry.path),
    [path(''), path('site')].map((name) => name.replace(/\/$/, '')),
  );
  renameSync(path('site'), path('before'));
  put('site/tls.crt', second.pem);
  put('site/tls.key', second.keyPem);
  clock.advance(30_000);
  assert.equal(watched[1]?.closed, true);
  assert.deepEqual(changes, ['site']);
  put('site/tls.crt', first.pem);
  put('site/tls.key', first.keyPem);
  watched[2]?.onEvent();
  clock.advance(200);
  assert.deepEqual(changes, ['site', 'site']);
  files.keepOnly(new Set());
  assert.ok(watched.every(({ closed }) => closed));
});

test('names that nothing needs are forgotten, and after the end no timer is left', (t) => {
  const clock = new FakeClock();
  const { files, put, changes } = world(t, { clock, watch: blind });
  put('site.crt', first.pem);
  put('site.key', first.keyPem);
  files.get('site');
  files.keepOnly(new Set(['other']));
  put('site.crt', second.pem);
  clock.advance(60_000);
  assert.deepEqual(changes, []);
  files.close();
  assert.equal(clock.pending, 0);
});
