import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perfCalls, straceCalls } from '../../bench/syscall-count.ts';

test('calls that perf counts under no name of their own are told as other', () => {
  const text = [
    '# started on Mon Nov  2 10:00:00 2026',
    '110,,raw_syscalls:sys_enter,542683236,100.00,,',
    '60,,syscalls:sys_enter_read,542683236,100.00,,',
    '0,,syscalls:sys_enter_readv,542683236,100.00,,',
    '40,,syscalls:sys_enter_write,542683236,100.00,,',
  ].join('\n');
  assert.deepEqual(
    [...perfCalls(text)],
    [
      ['read', 60],
      ['write', 40],
      ['other', 10],
    ],
  );
});

test('what strace counts is read by name, without its total', () => {
  const text = [
    'strace: Process 4711 attached',
    '    calls syscall',
    '--------- ----------------',
    '       52 epoll_wait',
    '       50 sendto',
    '--------- ----------------',
    '      102 total',
  ].join('\n');
  assert.deepEqual(
    [...straceCalls(text)],
    [
      ['epoll_wait', 52],
      ['sendto', 50],
    ],
  );
});
