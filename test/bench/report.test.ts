import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeReport, sectionMarkdown } from '../../bench/report.ts';
import { tableMarkdown, tableText } from '../../bench/table.ts';

const names = ['first', 'second'];
const merge = (before: string, sections: Record<string, string>) =>
  mergeReport(before, new Map(Object.entries(sections)), { names, appendix: 'The end.' });

test('measuring one bench again leaves the sections of the others as they are', () => {
  const both = merge('', { first: 'old first', second: 'old second' });
  const after = merge(both, { second: 'new second' });
  assert.ok(after.includes('old first'));
  assert.ok(after.includes('new second'));
  assert.ok(!after.includes('old second'));
});

test('sections keep their order, whichever was measured first', () => {
  const after = merge(merge('', { second: 'B-text' }), { first: 'A-text' });
  assert.ok(after.indexOf('A-text') < after.indexOf('B-text'));
  assert.ok(after.indexOf('B-text') < after.indexOf('The end.'));
});

test('writing the same results twice gives the same file', () => {
  const once = merge('', { first: 'A', second: 'B' });
  assert.equal(merge(once, { first: 'A', second: 'B' }), once);
  assert.equal(merge(once, {}), once);
});

test('a section says when, where, with what and how to repeat it', () => {
  const text = sectionMarkdown(
    { title: 'Speed', versions: ['nginx 1.22.1'], method: ['By running.'], tables: [], notes: ['It varied.'] },
    { date: '2026-11-01', machine: '2 cores', load: '0.10', command: 'npm run bench -- speed' },
  );
  for (const word of [
    '## Speed',
    '2026-11-01',
    '2 cores',
    '0.10',
    'nginx 1.22.1',
    'npm run bench -- speed',
    'By running.',
    'It varied.',
  ]) {
    assert.ok(text.includes(word), word);
  }
});

test('columns of numbers stand right, on the terminal and in the file', () => {
  const table = {
    title: 'T',
    columns: ['name', 'ms'],
    rows: [
      ['a', '1.0'],
      ['long name', '12.5'],
    ],
  };
  assert.equal(tableText(table), 'T\n  name         ms\n  a           1.0\n  long name  12.5');
  assert.match(tableMarkdown(table), /^\| a {9}\| {2}1\.0 \|$/m);
  assert.match(tableMarkdown(table), /^\| -+ \| -+: \|$/m);
});
