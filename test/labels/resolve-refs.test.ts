import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FileRule, findPages } from '../../src/labels/find-pages.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import type { Ref } from '../../src/labels/ref.ts';
import type { RefText } from '../../src/labels/ref-text.ts';
import { fileRulesOf, logFilesOf, refsOf, resolveRefs } from '../../src/labels/resolve-refs.ts';
import { container } from './case-text.ts';

const bcrypt = `$2y$05$${'a'.repeat(53)}`;

const noPages = () => ({ pages: [], missing: [], faults: [] });

/** Reads labels with the texts behind their references; what is not among `texts` is not there. */
function resolved(labels: Record<string, string>, texts: Record<string, string>) {
  const reading = readLabels(container({ 'proxy.host': 'a.test', ...labels }));
  const read = (ref: Ref): RefText => {
    const text = texts[ref.ref === 'file' ? ref.path : ref.name];
    return text === undefined ? { fault: 'it is not there' } : { text };
  };
  return { reading, after: resolveRefs(reading, 'web-1', { read, find: noPages, logFault: () => null }) };
}

test('what a list of addresses refers to stands in its place', () => {
  const { reading, after } = resolved(
    { 'proxy.allow': '192.0.2.1,@/run/office,env:HOME_NET' },
    {
      '/run/office': '# the office\n198.51.100.0/24 # second floor\n\n2001:db8::/32, private\n',
      HOME_NET: '203.0.113.9',
    },
  );
  assert.deepEqual(refsOf(reading), [
    { ref: 'file', path: '/run/office' },
    { ref: 'env', name: 'HOME_NET' },
  ]);
  const allow = after.specs[0]?.options.allow ?? [];
  assert.deepEqual(allow.slice(0, 3), ['192.0.2.1/32', '198.51.100.0/24', '2001:db8::/32']);
  assert.ok(allow.includes('127.0.0.0/8'));
  assert.equal(allow.at(-1), '203.0.113.9/32');
  assert.deepEqual(after.specs[0]?.closedBy, []);
});

test('a named route gets what its own labels and those of the base refer to', () => {
  const labels = { 'proxy.deny': '@/run/bad', 'proxy.api.path': '/api', 'proxy.api.deny': '@/run/worse' };
  const { after } = resolved(labels, { '/run/bad': '192.0.2.1', '/run/worse': '192.0.2.2' });
  assert.deepEqual(
    after.specs.map(({ name, options }) => [name, options.deny]),
    [
      ['', ['192.0.2.1/32']],
      ['api', ['192.0.2.2/32']],
    ],
  );
});

for (const [what, labels, texts, expected] of [
  ['that is not there', { 'proxy.allow': '@/run/office' }, {}, /a file that the proxy can read: it is not there/],
  ['of something else', { 'proxy.deny': '@/etc/secret' }, { '/etc/secret': '10.0.0.0/8\nhunter2' }, /line 2 holds/],
  [
    'without a user',
    { 'proxy.auth': 'basic', 'proxy.auth.users': '@/run/users' },
    { '/run/users': '# none\n' },
    /none/,
  ],
  [
    'with a plain password',
    { 'proxy.auth': 'basic', 'proxy.auth.users': '@/run/users' },
    { '/run/users': `admin:${bcrypt}\nbob:hunter2` },
    /line 2: a bcrypt, apr1 or \{SHA\} hash/,
  ],
] as const) {
  test(`a file ${what} closes the route, and nothing of it is told`, () => {
    const { after } = resolved(labels, texts);
    const problems = after.specs[0]?.closedBy ?? [];
    const found = problems.find((one) => expected.test(one.expected));
    assert.ok(found !== undefined, JSON.stringify(problems));
    assert.ok(after.problems.some((one) => one.expected === found.expected && one.label === found.label));
    assert.doesNotMatch(JSON.stringify(after.problems), /hunter2|aaaa/);
  });
}

test('a file that no label in force refers to is not read', () => {
  const { reading } = resolved({ 'proxy.auth': 'off', 'proxy.auth.users': '@/run/users' }, {});
  assert.deepEqual(refsOf(reading), []);
});

test('a reading without references is left as it is', () => {
  const { reading, after } = resolved({ 'proxy.allow': 'private' }, {});
  assert.equal(after.specs[0], reading.specs[0]);
});

test('error pages that are there stand in the place of their files, and one that is missing is told and closes nothing', () => {
  const label = '404 file:/pages/404.html 429 /busy 5xx file:/pages/5xx.html';
  const reading = readLabels(container({ 'proxy.host': 'a.test', 'proxy.errors': label }));
  const page = { path: '/pages/404.html', type: 'text/html', body: Buffer.from('gone') };
  const find = (rule: FileRule) =>
    findPages(rule, (path) =>
      path === page.path ? { page } : { fault: 'it is not there', mend: 'put it there', isThere: false },
    );
  assert.deepEqual(
    fileRulesOf(reading).map(({ source }) => source.path),
    ['/pages/404.html', '/pages/5xx.html'],
  );
  const { specs, problems } = resolveRefs(reading, 'web-1', { read: () => ({ text: '' }), find, logFault: () => null });
  assert.deepEqual(specs[0]?.options.errors, [
    { statuses: [{ from: 404, to: 404 }], source: { kind: 'page', page } },
    { statuses: [{ from: 429, to: 429 }], source: { kind: 'path', path: '/busy' } },
    { statuses: [{ from: 500, to: 599 }], source: { kind: 'builtin' } },
  ]);
  assert.deepEqual(specs[0]?.closedBy, []);
  assert.deepEqual(problems, [
    {
      container: 'web-1',
      label: 'proxy.errors',
      value: label,
      expected: 'a page at /pages/5xx.html: it is not there; the next source, or else the built-in page, stands in',
      suggestion: 'put it there',
      severity: 'error',
    },
  ]);
});

test('a log file that cannot be is told, and its lines go where all others go', () => {
  const reading = readLabels(container({ 'proxy.host': 'a.test', 'proxy.log.file': 'a.log' }));
  assert.deepEqual(logFilesOf(reading), ['a.log']);
  const outside = { read: () => ({ text: '' }), find: noPages };
  const fault = { expected: 'a log directory', suggestion: 'set it', severity: 'warning' } as const;
  const { specs, problems } = resolveRefs(reading, 'web-1', { ...outside, logFault: () => fault });
  assert.equal(specs[0]?.options['log.file'], null);
  assert.deepEqual(specs[0]?.closedBy, []);
  assert.deepEqual(
    problems.map(({ label, value, severity }) => [label, value, severity]),
    [['proxy.log.file', 'a.log', 'warning']],
  );
  const kept = resolveRefs(reading, 'web-1', { ...outside, logFault: () => null });
  assert.equal(kept.specs[0]?.options['log.file'], 'a.log');
});
