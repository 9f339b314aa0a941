import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { describe, it, type TestContext } from 'node:test';
import { TunnelFlow } from '../../src/engine/tunnel-flow.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A flow to a receiver that takes what it is written only when `take` says so. */
function flowTo(t: TestContext, { reusesBuffer }: { readonly reusesBuffer: boolean }) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const from = new PassThrough();
  const written: string[] = [];
  const taken: (() => void)[] = [];
  const to = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString('latin1'));
      taken.push(done);
    },
  });
  const seen = { stalls: 0, resumes: 0 };
  const resume = from.resume.bind(from);
  from.resume = () => {
    seen.resumes++;
    return resume();
  };
  const about = { websocket: false, reusesBuffer, stallMs: 100, onStall: () => seen.stalls++ };
  const flow = new TunnelFlow(from, to, about);
  flow.start(Buffer.alloc(0));
  seen.resumes = 0;
  return { flow, from, to, written, seen, take: () => taken.shift()?.() };
}

describe('a direction of a tunnel', () => {
  it('writes together what came in one turn of the event loop, whatever is read over it', async (t) => {
    const { flow, written } = flowTo(t, { reusesBuffer: true });
    const buffer = Buffer.from('one');
    assert.equal(flow.push(buffer), true);
    buffer.write('two');
    assert.deepEqual(written, []);
    await nextTurn();
    assert.deepEqual(written, ['one']);
  });

  it('has nothing read over many bytes until they have been taken', async (t) => {
    const { flow, take, seen, written } = flowTo(t, { reusesBuffer: true });
    assert.equal(flow.push(Buffer.alloc(8 * 1024, 'x')), false);
    assert.equal(written.length, 1);
    await nextTurn();
    assert.equal(seen.resumes, 0);
    take();
    await nextTurn();
    take();
    await nextTurn();
    assert.ok(seen.resumes > 0);
    t.mock.timers.tick(1_000);
    assert.equal(seen.stalls, 0);
  });

  it('loses nothing that was read in the turn of its end', async (t) => {
    const { flow, to, take, written } = flowTo(t, { reusesBuffer: true });
    flow.push(Buffer.from('last'));
    flow.close(Buffer.from('never said where frames are not known'));
    assert.deepEqual(written, ['last']);
    take();
    await once(to, 'finish');
    assert.equal(flow.carriedBytes, 4);
  });

  it('has a receiver that takes nothing cut', async (t) => {
    const { flow, seen } = flowTo(t, { reusesBuffer: false });
    flow.push(Buffer.alloc(1024 * 1024));
    await nextTurn();
    t.mock.timers.tick(99);
    assert.equal(seen.stalls, 0);
    t.mock.timers.tick(1);
    assert.equal(seen.stalls, 1);
  });

  it('does not take its last bytes for stalled once they have been taken', async (t) => {
    const { from, to, seen, take } = flowTo(t, { reusesBuffer: false });
    from.end(Buffer.alloc(1024 * 1024));
    await once(from, 'end');
    await nextTurn();
    take();
    await once(to, 'finish');
    t.mock.timers.tick(1_000);
    assert.equal(seen.stalls, 0);
  });
});
