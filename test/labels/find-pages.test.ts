import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FileRule, findPages } from '../../src/labels/find-pages.ts';
import type { StatusRange } from '../../src/labels/options.ts';
import type { PageReading } from '../../src/labels/page-file.ts';

const absent: PageReading = { fault: 'it is not there', mend: 'put it there', isThere: false };
const tooLarge: PageReading = { fault: 'it is larger than 256 KiB', mend: '', isThere: true };
const rule = (path: string, ...statuses: StatusRange[]): FileRule => ({ statuses, source: { kind: 'file', path } });
const one = (status: number): StatusRange => ({ from: status, to: status });

function found(of: FileRule, there: Record<string, PageReading | 'page'>) {
  const page = (path: string): PageReading => ({ page: { path, type: 'text/html', body: Buffer.from(path) } });
  const { pages, missing, faults } = findPages(of, (path) => {
    const reading = there[path];
    return reading === 'page' ? page(path) : (reading ?? absent);
  });
  const shown = pages.map(({ statuses, source }) => [
    statuses.map(({ from, to }) => `${from}-${to}`).join(),
    source.kind === 'page' && source.page.path,
  ]);
  return { pages: shown, missing, faults: faults.map(({ expected }) => expected) };
}

test('one page is for all of its statuses', () => {
  const { pages, faults } = found(rule('/pages/x.html', one(404), { from: 500, to: 599 }), { '/pages/x.html': 'page' });
  assert.deepEqual([pages, faults], [[['404-404,500-599', '/pages/x.html']], []]);
});

test('{status} finds the page of each status that has one; the others of a range may do without', () => {
  const of = rule('/pages/{status}/{status}.html', one(404), { from: 500, to: 599 });
  const there = {
    '/pages/404/404.html': 'page',
    '/pages/502/502.html': 'page',
    '/pages/503/503.html': 'page',
  } as const;
  const { pages, missing, faults } = found(of, there);
  assert.deepEqual(
    pages.map(([statuses]) => statuses),
    ['404-404', '502-502', '503-503'],
  );
  assert.deepEqual([missing, faults], [[], []]);
});

test('a status named by itself is to have its page, and a range at least one', () => {
  const { pages, missing, faults } = found(rule('/pages/{status}.html', one(404), one(429), { from: 500, to: 599 }), {
    '/pages/429.html': 'page',
  });
  assert.equal(pages.length, 1);
  assert.deepEqual(missing, [one(404), { from: 500, to: 599 }]);
  assert.match(faults[0] ?? '', /^a page at \/pages\/404\.html: it is not there;/);
  assert.match(faults[1] ?? '', /^a page at \/pages\/\{status\}\.html for one of 500-599: it is not there;/);
});

test('a page that is there and cannot be shown is told, also in a range', () => {
  const there = { '/pages/502.html': tooLarge, '/pages/503.html': 'page' } as const;
  const { missing, faults } = found(rule('/pages/{status}.html', { from: 500, to: 599 }), there);
  assert.deepEqual(missing, [one(502)]);
  assert.match(faults[0] ?? '', /502\.html: it is larger/);
});
