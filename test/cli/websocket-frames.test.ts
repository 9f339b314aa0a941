import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, FrameError, FrameReader, writeFrame } from '../../src/cli/websocket-frames.ts';
import { fc } from '../support/properties.ts';

/** As a client sends it. */
function masked(opcode: number, payload: Buffer, mask: Buffer): Buffer {
  const plain = writeFrame(opcode, payload);
  const head = Buffer.from(plain.subarray(0, plain.length - payload.length));
  head[1] = (head[1] as number) | 0x80;
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] as number))]);
}

const bytes = (about?: fc.IntArrayConstraints) => fc.uint8Array(about).map((array) => Buffer.from(array));

test('frames are read whole, however the bytes are cut', () => {
  const messages = fc.array(
    fc.record({ payload: bytes({ maxLength: 70_000, size: 'max' }), mask: bytes({ minLength: 4, maxLength: 4 }) }),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(messages, fc.integer({ min: 1, max: 5_000 }), (sent, step) => {
      const stream = Buffer.concat(sent.map(({ payload, mask }) => masked(2, payload, mask)));
      const reader = new FrameReader(100_000);
      const frames: Frame[] = [];
      for (let at = 0; at < stream.length; at += step) frames.push(...reader.read(stream.subarray(at, at + step)));
      assert.deepEqual(
        frames.map(({ payload }) => payload),
        sent.map(({ payload }) => payload),
      );
    }),
    { numRuns: 50 },
  );
});

test('whatever comes, it is frames or a FrameError', () => {
  fc.assert(
    fc.property(bytes({ maxLength: 200 }), (noise) => {
      try {
        return [...new FrameReader(1_000).read(noise)].every(({ payload }) => payload.length <= 1_000);
      } catch (error) {
        return error instanceof FrameError;
      }
    }),
  );
});
