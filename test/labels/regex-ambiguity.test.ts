import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { isExponential } from '../../src/labels/regex-ambiguity.ts';

/** With a text that each of them reads in 2^n ways, and does not match. */
const exponential: readonly (readonly [source: string, text: string])[] = [
  ['^(a+)+$', `${'a'.repeat(32)}!`],
  ['^(a*)*$', `${'a'.repeat(32)}!`],
  ['^(a|a)*$', `${'a'.repeat(32)}!`],
  ['^(a|ab|b)*$', `${'ab'.repeat(32)}!`],
  ['^(aa?)+$', `${'a'.repeat(48)}!`],
  ['^/(.*/)+x$', `/${'a/'.repeat(32)}`],
  ['^(.*,)*x$', ','.repeat(32)],
  ['^(\\w+\\s?)*$', `${'a'.repeat(32)}!`],
  ['^(a{1,3})+$', `${'a'.repeat(40)}!`],
  ['^(?:[a-z]|[a-f0-9])+$', `${'a'.repeat(32)}!`],
  ['^((ab)*|(a|b)*)*$', `${'ab'.repeat(20)}!`],
  [`^${'(a|a)'.repeat(32)}$`, `${'a'.repeat(32)}!`],
  [`^${'a?'.repeat(40)}${'[a-z]'.repeat(40)}$`, `${'a'.repeat(60)}!`],
  ['^(?=(a+)+$)', `${'a'.repeat(32)}!`],
  ['^(?i:(a|A)*)$', `${'a'.repeat(32)}!`],
  [`^${'/abc'.repeat(200)}(aa?)+$`, `${'/abc'.repeat(200)}${'a'.repeat(48)}!`],
];

test('what reads a text in ways that double with its length is found', () => {
  for (const [source] of exponential) assert.ok(isExponential(source), source);
});

test('each of them would have kept a worker busy', { concurrency: false }, () => {
  const script = `for (const [source, text] of ${JSON.stringify(exponential)}) {
    try { require('node:vm').runInNewContext('new RegExp(source, "u").test(text)', { source, text }, { timeout: 300 }); console.log(source); }
    catch (error) { if (error.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error; }
  }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  assert.deepEqual([stdout, stderr], ['', '']);
});

test('what reads it in one way, or in ways that are fewer, is not', () => {
  for (const source of [
    ...[
      '^/v[0-9]+/',
      '^([a-z0-9-]+\\.)+example\\.com$',
      '^/([^/]+/)+x$',
      '^(/[^/]+)*$',
      '(?:foo|far|bar)+',
      '^(ab|ac)*$',
    ],
    ...[
      '(?:\\d{1,3}\\.)+x',
      '^(?:[0-9a-f]{1,4}:)+$',
      '^(?:/[a-z]{2,5})+$',
      '^(?:[a-z]{0,3}-){0,3}x',
      '^(?:\\w{1,9}\\.){1,9}x',
    ],
    ...['^(?:api|app|admin)/(?:v1|v2|v10)/(?:jpe?g|jp2|png)$', '^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)+x'],
    ...['.*.*x$', '^/.*a.*b', '\\.(?:js|css)(?:\\?.*)?$', '^(a|b|[0-9])+$', '^(?<y>\\d{4})-(?<m>\\d{2})$', '^(a?b)*c$'],
    ...[
      '^(?:\\d+,)*\\d+$',
      '^([a-z]{2}/)?(.*)$',
      '^(\\w)\\1*x',
      '^(?!/admin)/.*$',
      '(a|b)?(a|b)?(a|b)?',
      '^/(?i:[a-z]+/)+x',
      '',
    ],
  ])
    assert.ok(!isExponential(source), source);
});

test('a regex that is too large to be looked into counts as one, and that is soon known', () => {
  for (const source of [
    `${'(\\w|'.repeat(100)}a${')*'.repeat(100)}`,
    `(${'a|'.repeat(480)}b)*`,
    `(${'[a-z]?'.repeat(150)})*`,
    `${'('.repeat(8)}a${'{9})'.repeat(8)}`,
    '.*'.repeat(490),
    `(${Array.from({ length: 99 }, () => '.').join('|')})*`,
  ]) {
    const startedMs = performance.now();
    assert.ok(isExponential(source), source);
    assert.ok(performance.now() - startedMs < 3_000, source);
  }
  const words = Array.from({ length: 120 }, (_, i) => `word-${i}`).join('|');
  assert.ok(!isExponential(`^/(?:${words})(?:/.*)?$`));
});
