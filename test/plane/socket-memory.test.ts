import assert from 'node:assert/strict';
import { totalmem } from 'node:os';
import { test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { SocketMemory, type SocketPages, socketPagesOf } from '../../src/plane/socket-memory.ts';

const sockstat = 'sockets: used 312\nTCP: inuse 15 orphan 0 tw 12 alloc 40 mem 4711\nUDP: inuse 1 mem 7\n';

test('what the kernel says of its memory for TCP is read, with its own default where a container does not see the limit', () => {
  assert.deepEqual(socketPagesOf(sockstat, '287901\t383869\t575802\n'), { used: 4711, pressure: 383_869 });
  assert.deepEqual(socketPagesOf(sockstat, null), { used: 4711, pressure: totalmem() / 4096 / 16 });
  assert.equal(socketPagesOf('nothing of the kind', null), null);
});

test('slow readers are cut only while the memory is scarce, and told of now and then', () => {
  let pages: SocketPages | null = null;
  let nowMs = 0;
  let relieved = 0;
  const warnings: unknown[] = [];
  const log = { ...createLog({ level: 'silent', format: 'json' }), warn: (about: unknown) => warnings.push(about) };
  const memory = new SocketMemory({
    log: log as never,
    monotonic: () => nowMs,
    read: () => pages,
    relieve: () => {
      relieved++;
      return 2;
    },
  });
  memory.look();
  pages = { used: 74, pressure: 100 };
  memory.look();
  assert.equal(relieved, 0);
  pages = { used: 75, pressure: 100 };
  for (let i = 0; i < 5; i++) {
    memory.look();
    nowMs += 1_000;
  }
  assert.equal(relieved, 5);
  assert.deepEqual(warnings, [{ cut: 2, used: 75, pressure: 100 }]);
  nowMs += 10_000;
  memory.look();
  assert.equal(warnings.length, 2);
});
