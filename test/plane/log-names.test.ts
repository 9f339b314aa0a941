import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogNames, logFilesMax } from '../../src/plane/log-names.ts';

test('without a directory there is no log file, and it says what to set', () => {
  const names = new LogNames(null);
  assert.match(names.faultOf('a.log')?.suggestion ?? '', /FAIRLEAD_LOG_DIR/);
  assert.equal(names.has('a.log'), false);
});

test('there are only so many log files, and room for another once one is asked for no more', () => {
  const names = new LogNames('/logs');
  const name = (at: number): string => `${at}.log`;
  for (let at = 0; at < logFilesMax; at++) assert.equal(names.faultOf(name(at)), null);
  assert.equal(names.faultOf(name(0)), null);
  assert.match(names.faultOf('more.log')?.expected ?? '', /at most 256/);
  names.sweep();
  for (let at = 1; at < logFilesMax; at++) names.faultOf(name(at));
  names.sweep();
  assert.equal(names.has(name(0)), false);
  assert.equal(names.faultOf('more.log'), null);
});
