import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { FileRule } from '../../src/labels/find-pages.ts';
import { PageShelf } from '../../src/plane/page-shelf.ts';

const rule = (path: string): FileRule => ({ statuses: [{ from: 404, to: 404 }], source: { kind: 'file', path } });

function begin(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'fl-pages-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const dir = join(root, 'dir');
  mkdirSync(dir);
  const shelf = new PageShelf(dir);
  const put = (name: string, text: string): string => {
    const path = join(dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  return { root, dir, shelf, put, show: (path: string) => shown(shelf, path) };
}

/** The text of the page, or why there is none. */
function shown(shelf: PageShelf, path: string): string {
  const { pages, faults } = shelf.find(rule(path));
  const source = pages[0]?.source;
  return source?.kind === 'page' ? `${source.page.type} ${Buffer.from(source.page.body)}` : (faults[0]?.expected ?? '');
}

test('a page is found by what labels call the directory, and by its own name', (t) => {
  const { dir, put, show } = begin(t);
  put('404.html', 'gone');
  put('shop/404.txt', 'sold');
  assert.equal(show('/pages/404.html'), 'text/html; charset=utf-8 gone');
  assert.equal(show('/pages//shop/./404.txt'), 'text/plain; charset=utf-8 sold');
  assert.equal(show(`${dir}/404.html`), 'text/html; charset=utf-8 gone');
});

test('nothing outside the directory is shown, by whatever way', (t) => {
  const { root, dir, put, show } = begin(t);
  put('404.html', 'gone');
  const secret = join(root, 'secret.html');
  writeFileSync(secret, 'hunter2');
  symlinkSync(secret, join(dir, 'link.html'));
  symlinkSync(root, join(dir, 'up'));
  mkdirSync(`${dir}-other`);
  writeFileSync(join(`${dir}-other`, 'x.html'), 'hunter2');
  for (const [path, why] of [
    [secret, /not in the directory of FAIRLEAD_PAGES/],
    ['/etc/x.html', /not in the directory/],
    [`${dir}-other/x.html`, /not in the directory/],
    ['/pages/../secret.html', /not there/],
    [`${dir}/../secret.html`, /not there/],
    ['/pages/up/secret.html', /not there/],
    ['/pages/link.html', /leads out of its directory/],
  ] as const) {
    assert.match(show(path), why);
    assert.doesNotMatch(show(path), /hunter2/);
  }
});

test('a link inside the directory is followed, as mounts of configurations have them', (t) => {
  const { dir, put, show } = begin(t);
  put('..2026/404.html', 'gone');
  symlinkSync('..2026', join(dir, '..data'));
  symlinkSync('..data/404.html', join(dir, '404.html'));
  assert.match(show('/pages/404.html'), / gone$/);
});

test('a file that is no page, too large or no file at all is not shown, and a pipe is not waited for', (t) => {
  const { dir, put, show } = begin(t);
  put('key.pem', 'hunter2');
  put('big.html', 'x'.repeat(256 * 1024 + 1));
  put('edge.html', 'x'.repeat(256 * 1024));
  mkdirSync(join(dir, 'dir.html'));
  execFileSync('mkfifo', [join(dir, 'pipe.html')]);
  assert.match(show('/pages/key.pem'), /not there/);
  assert.match(show('/pages/big.html'), /larger than 256 KiB/);
  assert.match(show('/pages/edge.html'), /x$/);
  assert.match(show('/pages/dir.html'), /not there/);
  assert.match(show('/pages/pipe.html'), /no file/);
});

test('pages that are too large together are told, and those before them shown', (t) => {
  const { shelf, put, show } = begin(t);
  for (let i = 0; i < 10; i++) put(`${i}.html`, 'x'.repeat(250_000));
  assert.match(show('/pages/7.html'), /x$/);
  assert.match(show('/pages/8.html'), /larger than 2 MiB together/);
  assert.equal(shelf.changed(), false);
  put('0.html', 'small');
  assert.equal(shelf.changed(), true);
  assert.match(show('/pages/8.html'), /x$/);
  assert.match(show('/pages/9.html'), /together/);
});

test('what is found stays the same object until the page itself changes', (t) => {
  const { dir, shelf, put } = begin(t);
  put('404.html', 'one');
  const [mine, other] = [rule('/pages/404.html'), rule('/pages/405.html')];
  const first = shelf.find(mine);
  const before = shelf.find(other);
  assert.equal(shelf.changed(), false);
  put('405.html', 'came');
  assert.equal(shelf.changed(), true);
  assert.equal(shelf.find(mine), first);
  assert.notEqual(shelf.find(other), before);
  put('next', 'two');
  renameSync(join(dir, 'next'), join(dir, '404.html'));
  assert.equal(shelf.changed(), true);
  assert.notEqual(shelf.find(mine), first);
  assert.match(shown(shelf, '/pages/404.html'), / two$/);
  rmSync(dir, { recursive: true });
  assert.equal(shelf.changed(), true);
  assert.match(shown(shelf, '/pages/404.html'), /not there/);
});

test('a new rule looks at the directory as it is now, once for all that come together', (t) => {
  const { shelf, put } = begin(t);
  put('404.html', 'one');
  assert.match(shown(shelf, '/pages/404.html'), / one$/);
  shelf.sweep();
  put('405.html', 'two');
  assert.match(shown(shelf, '/pages/405.html'), / two$/);
  put('406.html', 'three');
  assert.match(shown(shelf, '/pages/406.html'), /not there/);
});

test('what a new rule has seen change is still a change for the others', (t) => {
  const { shelf, put } = begin(t);
  put('404.html', 'one');
  const mine = rule('/pages/404.html');
  const before = shelf.find(mine);
  shelf.sweep();
  put('404.html', 'three');
  shelf.find(rule('/pages/405.html'));
  assert.equal(shelf.changed(), true);
  assert.notEqual(shelf.find(mine), before);
  assert.equal(shelf.changed(), false);
});

test('a directory that nobody asks about is not looked at', (t) => {
  const { shelf, put, show } = begin(t);
  put('404.html', 'one');
  assert.equal(shelf.changed(), false);
  show('/pages/404.html');
  shelf.sweep();
  shelf.sweep();
  put('404.html', 'three');
  assert.equal(shelf.changed(), false);
  assert.match(show('/pages/404.html'), / three$/);
});

test('without a directory every page is missing, and the setting is named', () => {
  const { pages, faults } = new PageShelf(null).find(rule('/pages/404.html'));
  assert.deepEqual(pages, []);
  assert.match(faults[0]?.expected ?? '', /no directory of pages is set/);
  assert.match(faults[0]?.suggestion ?? '', /FAIRLEAD_PAGES/);
});
