import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closeFrame, FrameScanner } from '../../src/engine/tunnel-frames.ts';
import { fc } from '../support/properties.ts';

/** A frame of RFC 6455 §5.2. */
function frame(opcode: number, length: number, masked: boolean): Buffer {
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? [mask | length]
      : length < 65_536
        ? [mask | 126, length >> 8, length & 0xff]
        : [mask | 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([
    Buffer.from([opcode, ...head]),
    Buffer.alloc(masked ? 4 : 0, 0x88),
    Buffer.alloc(length, 0x88),
  ]);
}

const anyFrame = fc.record({
  opcode: fc.constantFrom(0x01, 0x80, 0x82, 0x89),
  length: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(65_535, 65_536, 70_000)),
  masked: fc.boolean(),
});

describe('a frame scanner', () => {
  it('knows every end of a frame, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (list, cuts) => {
          const frames = list.map(({ opcode, length, masked }) => frame(opcode, length, masked));
          const all = Buffer.concat(frames);
          const ends = new Set<number>();
          let end = 0;
          for (const { length } of frames) {
            end += length;
            ends.add(end);
          }
          const scanner = new FrameScanner();
          let at = 0;
          for (const cut of [...cuts.map((n) => n % all.length).sort((a, b) => a - b), all.length]) {
            scanner.advance(all.subarray(at, cut));
            at = cut;
            assert.equal(scanner.atBoundary, at === 0 || ends.has(at), `at ${at}`);
          }
          assert.equal(scanner.closed, false);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stops behind the frame that is under way', () => {
    const scanner = new FrameScanner();
    const [one, two] = [frame(0x82, 300, true), frame(0x82, 5, true)];
    scanner.advance(one.subarray(0, 3));
    assert.equal(scanner.advanceToBoundary(Buffer.concat([one.subarray(3), two])), one.length - 3);
    assert.equal(scanner.atBoundary, true);
  });

  it('sees a close frame only once it is whole, and its own frames as such', () => {
    for (const mask of [null, Buffer.from([1, 2, 3, 4])]) {
      const close = closeFrame(1001, mask);
      const scanner = new FrameScanner();
      scanner.advance(close.subarray(0, -1));
      assert.equal(scanner.closed, false);
      scanner.advance(close.subarray(-1));
      assert.deepEqual([scanner.closed, scanner.atBoundary], [true, true]);
    }
  });
});
