import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLabels } from '../../src/labels/read-labels.ts';
import { container } from './case-text.ts';

function read(labels: Record<string, string>) {
  return readLabels(container({ 'proxy.host': 'a.example.com', ...labels }));
}

function many(count: number, entry: (at: number) => [string, string]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => entry(at)));
}

test('of more than 1,000 labels the rest is not read, and since it may protect, the routes stay closed', () => {
  const { specs, problems } = read(many(1_200, (at) => [`proxy.header.X-${String(at).padStart(4, '0')}`, 'x']));
  // The host is read whatever else is cut, so that the answer is 503 with a reason and not an unknown host.
  assert.equal(specs.length, 1);
  assert.ok((specs[0]?.closedBy.length ?? 0) > 0);
  assert.equal(problems.filter((problem) => /at most 1000 proxy labels/.test(problem.expected)).length, 1);
  const seen = readLabels(
    container({
      'proxy.alias': 'b.example.com',
      ...many(1_200, (at) => [`proxy.zz.header.X-${at}`, 'x']),
      'proxy.api.host': 'a.example.com',
    }),
  );
  assert.ok(seen.specs.every((spec) => spec.closedBy.length > 0));
});

test('a value of more than 64 KiB is refused, and shown in 200 characters', () => {
  const { specs, problems } = read({ 'proxy.network': 'x'.repeat(70_000) });
  assert.equal(specs[0]?.options.network, null);
  assert.match(problems[0]?.expected ?? '', /at most 64 KiB/);
  assert.equal(problems[0]?.value.length, 200);
});

test('hosts times paths of one container make at most 1,000 routes', () => {
  const hosts = Array.from({ length: 60 }, (_, at) => `h${at}.example.com`).join(',');
  const paths = Array.from({ length: 30 }, (_, at) => `/p${at}`).join(',');
  const { specs, problems } = read({ 'proxy.host': hosts, 'proxy.path': paths });
  assert.equal((specs[0]?.hosts.length ?? 0) * (specs[0]?.paths.length ?? 0), 990);
  assert.deepEqual(specs[0]?.options.host, specs[0]?.hosts);
  assert.equal(problems.filter((problem) => /at most 1000 routes/.test(problem.expected)).length, 1);
});

test('100 problems are listed, errors before notices, and the rest is counted', () => {
  const { problems } = read({ 'proxy.mirror': 'shadow', ...many(150, (at) => [`proxy.zebra${at}`, '1']) });
  assert.equal(problems.length, 101);
  assert.equal(problems.at(-1)?.expected, 'and 51 more');
  assert.ok(problems.slice(0, 100).every((problem) => problem.severity === 'error'));
});

test('a header value of more than 8 KiB is refused, because clients give up on such an answer', () => {
  const { specs, problems } = read({
    'proxy.header.X-Long': 'x'.repeat(8_193),
    'proxy.header.X-Fine': 'x'.repeat(8_192),
  });
  assert.deepEqual(
    specs[0]?.options.header.map(({ name }) => name),
    ['X-Fine'],
  );
  assert.match(problems[0]?.expected ?? '', /at most 8192 characters/);
});

test('a regex of more than 1,000 characters is refused', () => {
  const { specs } = read({ 'proxy.path': `~^/${'a'.repeat(1_000)}` });
  assert.equal(specs.length, 0);
});

test('a hostile regex does not hold up the reading', () => {
  const { specs } = read({ 'proxy.path': `~${'('.repeat(400)}a+${')'.repeat(400)}+` });
  assert.equal(specs.length, 0);
});

test('labels that are not text do not throw', () => {
  const labels = { 'proxy.host': 'a.example.com', 'proxy.port': 80, 'proxy.path': null } as unknown as Record<
    string,
    string
  >;
  assert.equal(readLabels(container(labels)).problems[0]?.label, 'proxy.path');
});

test('what is read is frozen', () => {
  const reading = read({});
  assert.ok(
    [reading, reading.specs, reading.problems, reading.specs[0], reading.specs[0]?.options].every((part) =>
      Object.isFrozen(part),
    ),
  );
});

test('of a value with many faults the first are shown, and errors before warnings, so that a guard still closes', () => {
  const { specs, problems } = read({ 'proxy.allow': `${','.repeat(5_000)}x` });
  assert.equal(specs[0]?.closedBy.length, 1);
  assert.ok(problems.length <= 20);
});

test('a value that is no list or text has at most 1,000 characters', () => {
  const { specs, problems } = read({ 'proxy.limit': `1${' '.repeat(5_000)}x` });
  assert.equal(specs[0]?.closedBy.length, 1);
  assert.match(problems[0]?.expected ?? '', /at most 1000 characters/);
});
