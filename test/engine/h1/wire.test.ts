import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { Wire } from '../../../src/engine/h1/wire.ts';

test('bytes that wait for a slow reader hold about as much memory as they are', () => {
  const held = new Set<ArrayBufferLike>();
  let waitingBytes = 0;
  // A socket of which the other side takes nothing.
  const socket = {
    writable: true,
    get writableLength() {
      return waitingBytes;
    },
    write(data: Buffer | string) {
      waitingBytes += data.length;
      if (typeof data !== 'string') held.add(data.buffer);
      return false;
    },
  };
  const wire = new Wire(socket as unknown as Socket, { onWireChange: () => {} });
  const chunk = Buffer.allocUnsafeSlow(5_000);
  let writes = 0;
  do {
    wire.text('1388\r\n');
    writes++;
  } while (wire.bytes(chunk, 0) && writes < 1_000);
  held.delete(chunk.buffer);
  const heldBytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(writes < 20, `${writes} writes`);
  assert.ok(heldBytes <= 2 * 64 * 1024 + waitingBytes, `${heldBytes} bytes are held for ${waitingBytes}`);
});
