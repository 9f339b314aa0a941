import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { DiskTape } from '../../src/cache/disk/disk-tape.ts';
import { type Recorded, Recording, type RecordingOptions } from '../../src/cache/recording.ts';
import { RecordingRoom } from '../../src/cache/recording-room.ts';
import { ProxyFailure } from '../../src/http/failure.ts';
import { eventually } from '../support/engine.ts';
import { SlowSink } from './slow-sink.ts';

const content = randomBytes(3_000_000);
const pieceBytes = 60_000;

function recording(about: Partial<RecordingOptions> & { bytes?: number } = {}) {
  const events: string[] = [];
  let recorded: Recorded | null = null;
  const tape = new Recording(about.bytes ?? null, {
    memoryBytesMax: 10_000_000,
    bytesMax: 10_000_000,
    room: new RecordingRoom(10_000_000),
    tape: () => null,
    events: {
      onEnd(what) {
        recorded = what;
        events.push(what?.kind ?? 'not kept');
      },
      onFailure: () => events.push('failed'),
      onDeserted: () => events.push('deserted'),
    },
    ...about,
  });
  return { recording: tape, events, recorded: () => recorded };
}

/** As an engine does: waits where it is told to, and uses its buffer again. */
async function play(to: Recording, from = 0, until = content.length): Promise<void> {
  const buffer = Buffer.alloc(pieceBytes);
  for (let at = from; at < until; at += pieceBytes) {
    const bytes = Math.min(pieceBytes, until - at);
    content.copy(buffer, 0, at, at + bytes);
    if (!to.write(buffer.subarray(0, bytes)))
      await new Promise<void>((resolve) => {
        to.onDrain = resolve;
      });
    buffer.fill(0);
  }
}

function folder(t: TestContext): { tape: () => DiskTape; files: () => string[] } {
  const path = mkdtempSync(join(tmpdir(), 'fl-tape-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  let count = 0;
  return { tape: () => new DiskTape(join(path, String(count++))), files: () => readdirSync(path) };
}

describe('a body that is kept while it comes', () => {
  it('is read by each at its own pace, the whole or a part, also by who comes late', async () => {
    const { recording: tape, recorded } = recording();
    const [first, stuck] = [new SlowSink(), new SlowSink('when-told')];
    tape.send(first, 0, null);
    tape.send(stuck, 0, null);
    await play(tape, 0, 1_200_000);
    const [late, part] = [new SlowSink(), new SlowSink()];
    tape.send(late, 0, null);
    tape.send(part, 100, 1_500_000);
    await play(tape, 1_200_000);
    tape.end();
    assert.ok((await first.whole()).equals(content));
    assert.ok((await late.whole()).equals(content));
    assert.ok((await part.whole()).equals(content.subarray(100, 1_500_000)));
    const kept = recorded() as Recorded | null;
    assert.ok(kept?.kind === 'content' && content.equals(kept.content));
    assert.equal(stuck.bytes, pieceBytes);
  });

  it('goes to the disk where it is large, and those who lag read it from there', async (t) => {
    const { tape: newTape, files } = folder(t);
    const { recording: tape, recorded, events } = recording({ memoryBytesMax: 100_000, tape: newTape });
    const [quick, lagging] = [new SlowSink(), new SlowSink('when-told')];
    tape.send(quick, 0, null);
    tape.send(lagging, 0, null);
    await play(tape);
    tape.end();
    assert.deepEqual(events, ['tape']);
    const kept = recorded() as Recorded | null;
    assert.ok(kept?.kind === 'tape');
    assert.equal(kept.tape.takenBytes, content.length);
    assert.ok((await quick.whole()).equals(content));
    while (lagging.bytes < content.length) {
      const before = lagging.bytes;
      lagging.drain();
      await eventually('it reads on', async () => lagging.bytes > before);
    }
    lagging.drain();
    assert.ok((await lagging.whole()).equals(content));
    await kept.tape.discard();
    assert.deepEqual(files(), []);
  });

  it('keeps its file open for those who are about to read, also once it has ended', async (t) => {
    const { tape: newTape, files } = folder(t);
    const { recording: tape, recorded } = recording({ memoryBytesMax: 100_000, tape: newTape });
    tape.retain();
    await play(tape);
    tape.end();
    const reader = new SlowSink();
    tape.send(reader, 0, null);
    tape.release();
    assert.ok((await reader.whole()).equals(content));
    const kept = recorded() as Recorded | null;
    assert.ok(kept?.kind === 'tape');
    await kept.tape.discard();
    assert.deepEqual(files(), []);
  });

  it('is not whole any more once the backend has cut it', async () => {
    const { recording: tape } = recording();
    await play(tape, 0, pieceBytes);
    assert.equal(tape.isWhole, true);
    tape.abort(new ProxyFailure('backend-reset', { source: 'backend' }));
    assert.equal(tape.isWhole, false);
  });

  it('holds the backend to the pace of the slowest where it is too large to be kept', async (t) => {
    const { tape: newTape, files } = folder(t);
    const { recording: tape, events } = recording({ memoryBytesMax: 100_000, bytesMax: 600_000, tape: newTape });
    const [quick, slow] = [new SlowSink(), new SlowSink('when-told')];
    tape.send(quick, 0, null);
    tape.send(slow, 0, null);
    const playing = play(tape).then(() => tape.end());
    await eventually('the backend is held', async () => quick.bytes > 600_000);
    assert.equal(tape.isWhole, false);
    while (slow.bytes < content.length) {
      slow.drain();
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(quick.bytes - slow.bytes < 1_500_000);
    }
    slow.drain();
    await playing;
    assert.deepEqual(events, ['not kept']);
    assert.ok((await quick.whole()).equals(content));
    assert.ok((await slow.whole()).equals(content));
    await eventually('its file is gone', async () => files().length === 0);
  });

  it('is only passed on where there is no room, and says when nobody wants it any more', async () => {
    const room = new RecordingRoom(100_000);
    const { recording: tape, events } = recording({ room });
    const sink = new SlowSink('when-told');
    const sending = tape.send(sink, 0, null);
    tape.write(content.subarray(0, 90_000));
    assert.equal(room.take(50_000), false);
    tape.write(content.subarray(90_000, 180_000));
    assert.ok(room.take(100_000));
    assert.equal(tape.isWhole, false);
    assert.deepEqual(events, []);
    sending.stop();
    assert.deepEqual(events, ['deserted']);
  });

  it('is cut for all when it is cut', async () => {
    const { recording: tape, events } = recording();
    const [one, other] = [new SlowSink(), new SlowSink()];
    tape.send(one, 0, null);
    tape.send(other, 0, null);
    await play(tape, 0, 120_000);
    tape.abort(new ProxyFailure('backend-reset', { source: 'backend' }));
    await Promise.all([one.whole(), other.whole()]);
    assert.deepEqual([one.failure?.reason, other.failure?.reason], ['backend-reset', 'backend-reset']);
    assert.deepEqual(events, ['failed']);
  });

  it('is passed on where the disk takes nothing', async () => {
    const tape = () => new DiskTape('/nowhere/at/all');
    const { recording: broken, events } = recording({ bytes: content.length, memoryBytesMax: 100_000, tape });
    const sink = new SlowSink();
    broken.send(sink, 0, null);
    await play(broken);
    broken.end();
    assert.ok((await sink.whole()).equals(content));
    assert.deepEqual(events, ['not kept']);
  });
});
