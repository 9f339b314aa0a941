import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CompressingSink } from '../../src/compress/compressing-sink.ts';
import { type ContentCoding, contentCodings } from '../../src/http/accept-encoding.ts';
import { ProxyFailure } from '../../src/http/failure.ts';
import { FlatHeaderList, type HeaderList } from '../../src/http/header-list.ts';
import type { BodySink } from '../../src/http/transport.ts';
import { SlowSink } from '../cache/slow-sink.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { fc } from '../support/properties.ts';
import { plain } from './plain.ts';

function aSink(to: BodySink, coding: ContentCoding = 'gzip', bytes: number | null = null) {
  const clock = new FakeClock();
  let over = 0;
  const sink = new CompressingSink(to, { coding, bytes, clock, onOver: () => over++ });
  return { sink, clock, over: () => over };
}

/** Pushes as an engine does: stops where it is told to, and uses its buffer again. */
async function push(sink: BodySink, chunks: readonly Uint8Array[]): Promise<void> {
  for (const chunk of chunks) {
    const buffer = Buffer.from(chunk);
    const drained = new Promise<void>((resolve) => {
      sink.onDrain = resolve;
    });
    if (!sink.write(buffer)) await drained;
    buffer.fill(0);
  }
  sink.end();
}

/** Looks on until it is so. */
async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    assert.ok(turns < 100_000, what);
    await turn();
  }
}

/** Not to be compressed well, and the same each time. */
function noise(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let state = 1;
  for (let i = 0; i < bytes; i++) {
    state = (state * 48_271) % 2_147_483_647;
    buffer[i] = state & 255;
  }
  return buffer;
}

describe('a body on its way through a compressor', () => {
  it('is the same on the other side, however it comes and however slowly it is taken', async () => {
    const chunk = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 90_000 }).map(noise));
    const body = fc.array(chunk, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...contentCodings), body, fc.boolean(), async (coding, chunks, known) => {
        const whole = Buffer.concat(chunks);
        const client = new SlowSink();
        const { sink, over } = aSink(client, coding, known ? whole.length : null);
        await push(sink, chunks);
        assert.ok(plain(coding, await client.whole()).equals(whole));
        assert.equal(over(), 1);
      }),
      { numRuns: 60 },
    );
  });

  for (const coding of contentCodings) {
    it(`reaches the client while the backend pauses (${coding})`, async () => {
      const client = new SlowSink();
      const { sink, clock } = aSink(client, coding);
      const shown = () => plain(coding, client.soFar, { whole: false }).toString();
      sink.write(Buffer.from('first '));
      for (let i = 0; i < 20; i++) await turn();
      assert.equal(shown(), '');
      clock.advance(10);
      await until('the first part', () => shown() === 'first ');
      clock.advance(10_000);
      sink.write(Buffer.from('second'));
      clock.advance(10);
      await until('the second part', () => shown() === 'first second');
      sink.end();
      assert.equal(plain(coding, await client.whole()).toString(), 'first second');
    });
  }

  it('is flushed as well where it never pauses for long', async () => {
    const client = new SlowSink();
    const { sink, clock } = aSink(client);
    for (let i = 0; i < 3; i++) {
      sink.write(Buffer.from('drop '));
      clock.advance(4);
    }
    await until('what came first', () => plain('gzip', client.soFar, { whole: false }).length > 0);
    sink.end();
    assert.equal(plain('gzip', await client.whole()).toString(), 'drop drop drop ');
    assert.equal(clock.pending, 0);
  });

  it('comes no faster than the client takes it', async () => {
    const client = new SlowSink('when-told');
    const { sink } = aSink(client);
    const chunk = noise(64 * 1024);
    let taken = 0;
    const pump = (): void => {
      for (;;) {
        taken++;
        if (!sink.write(chunk)) return;
      }
    };
    sink.onDrain = pump;
    pump();
    await until('the client has something', () => client.bytes > 0);
    for (let i = 0; i < 200; i++) await turn();
    // One at the client, and what the compressor holds: no more comes until it drains.
    assert.ok(taken < 8, `${taken} chunks`);
    const before = taken;
    await until('more is taken once it drains', () => {
      client.drain();
      return taken > before + 4;
    });
    sink.onDrain = null;
    sink.stop();
  });

  it('is cut where the backend cuts it, and then nothing more of it is sent', async () => {
    const client = new SlowSink();
    const { sink, clock, over } = aSink(client);
    sink.write(noise(100_000));
    const failure = new ProxyFailure('backend-reset', { source: 'backend' });
    sink.abort(failure);
    assert.equal(client.failure, failure);
    const { bytes } = client;
    assert.equal(sink.write(Buffer.from('late')), true);
    sink.end();
    for (let i = 0; i < 50; i++) await turn();
    assert.deepEqual([client.bytes, over(), clock.pending], [bytes, 1, 0]);
  });

  it('is given up at once where the client has gone', async () => {
    const client = new SlowSink('when-told');
    const { sink, clock, over } = aSink(client);
    sink.write(noise(100_000));
    sink.stop();
    sink.stop();
    sink.abort(new ProxyFailure('backend-reset', { source: 'backend' }));
    for (let i = 0; i < 50; i++) await turn();
    assert.deepEqual([client.bytes, client.failure, over(), clock.pending], [0, null, 1, 0]);
  });

  it('that is not as long as was said is cut instead of being taken for whole', async () => {
    const client = new SlowSink();
    const { sink, over } = aSink(client, 'zstd', 10);
    sink.write(Buffer.from('four'));
    sink.end();
    await client.whole();
    assert.equal(client.failure?.reason, 'proxy-error');
    assert.equal(over(), 1);
  });

  it('is followed by its trailers, but for sums over what it was', async () => {
    const ended = Promise.withResolvers<HeaderList | undefined>();
    const client: BodySink = { onDrain: null, write: () => true, end: ended.resolve, abort: () => {} };
    const { sink } = aSink(client);
    sink.write(Buffer.from('body'));
    sink.end(new FlatHeaderList(['Content-Digest', 'sha-256=:AAAA:', 'X-Sum', '1']));
    assert.deepEqual((await ended.promise)?.flat(), ['X-Sum', '1']);
  });
});
