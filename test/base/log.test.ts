import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, type LogOptions } from '../../src/base/log.ts';

function logged(options: Omit<LogOptions, 'write'>) {
  const lines: string[] = [];
  return { lines, log: createLog({ ...options, write: (line) => lines.push(line) }) };
}

test('a line of json has a time, a level by name, the fields and the message', () => {
  const { lines, log } = logged({ level: 'info', format: 'json' });
  log.child({ worker: 1 }).warn({ endpoint: 'unix:///x' }, 'no connection');
  const { time, ...rest } = JSON.parse(lines[0] ?? '');
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(rest, { level: 'warn', worker: 1, endpoint: 'unix:///x', message: 'no connection' });
});

test('what lies below the level is not written, and nothing at all when it is silent', () => {
  const { lines, log } = logged({ level: 'warn', format: 'json' });
  log.debug({}, 'a');
  log.info({}, 'b');
  logged({ level: 'silent', format: 'json' }).log.error({}, 'c');
  assert.deepEqual(lines, []);
});

test('for a terminal the message comes first and the fields after it', () => {
  const { lines, log } = logged({ level: 'info', format: 'pretty' });
  log.error({ err: 'x', ports: [80, 443] }, 'cannot listen');
  assert.match(lines[0] ?? '', /^[\d:]{8} ✗ cannot listen {2}err=x ports=\[80,443\]\n$/);
});
