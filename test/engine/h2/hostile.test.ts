import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { invalidFramesMax, nuisancesMax, streamsMax } from '../../../src/engine/h2/limits.ts';
import type { Exchange } from '../../../src/http/transport.ts';
import { eventually } from '../../support/engine.ts';
import { answering, head, Later } from '../support/stage.ts';
import { block, endHeaders, endStream, frame, getHead, number32, type Pairs } from './support/frame-client.ts';
import { h2Stage } from './support/h2-stage.ts';

const enhanceYourCalm = 11;
const refusedStream = 7;
const internalError = 2;

/** Time stands still, so that nothing is forgotten. */
const still = { nowMs: () => 0 };
const post: Pairs = getHead.map(([name, value]) => [name, value === 'GET' ? 'POST' : value]);
const request = (stream: number, flags = endStream, pairs = getHead): Buffer =>
  frame('HEADERS', endHeaders | flags, stream, block(pairs));

describe('a hostile client of HTTP/2', () => {
  it(`has ${streamsMax} requests served at a time; more are refused as if never sent`, async (t) => {
    const held: Exchange[] = [];
    const { frames } = await h2Stage(t, (exchange) => void held.push(exchange));
    const one = await frames();
    one.begin();
    one.send(...Array.from({ length: streamsMax + 2 }, (_, i) => request(2 * i + 1)));
    assert.equal(await one.resetWith(2 * streamsMax + 1), refusedStream);
    assert.equal(await one.resetWith(2 * streamsMax + 3), refusedStream);
    assert.equal(held.length, streamsMax);
    held[0]?.respond(head(204)).end();
    await one.until('HEADERS', 1);
    one.ask(2 * streamsMax + 5);
    await eventually('the next is served', async () => held.length === streamsMax + 1);
  });

  it('that resets what it has asked for is let go before it has cost much (CVE-2023-44487)', async (t) => {
    const closed: string[] = [];
    let begun = 0;
    const { frames } = await h2Stage(
      t,
      (exchange) => {
        begun++;
        exchange.onClose = (how) => closed.push(how);
      },
      still,
    );
    const one = await frames();
    one.begin();
    const cancel = number32(8);
    one.send(
      ...Array.from({ length: 5_000 }, (_, i) => [
        request(2 * i + 1),
        frame('RST_STREAM', 0, 2 * i + 1, cancel),
      ]).flat(),
    );
    assert.equal(await one.goneWith(), enhanceYourCalm);
    assert.ok(begun <= nuisancesMax + 1, `${begun} requests were begun`);
    assert.deepEqual([closed.length, new Set(closed)], [begun, new Set(['aborted'])]);
  });

  it('that makes us reset what it asks for is let go as well (CVE-2025-8671)', async (t) => {
    let begun = 0;
    const { frames } = await h2Stage(t, () => void begun++, still);
    const one = await frames();
    one.begin();
    // The window goes beyond its largest size.
    one.send(
      ...Array.from({ length: 5_000 }, (_, i) => [
        request(2 * i + 1, 0),
        frame('WINDOW_UPDATE', 0, 2 * i + 1, number32(0x7fffffff)),
      ]).flat(),
    );
    assert.notEqual(await one.goneWith(), null);
    assert.ok(begun <= nuisancesMax + 1, `${begun} requests were begun`);
  });

  for (const [name, one] of Object.entries({
    PING: frame('PING', 0, 0, Buffer.alloc(8)),
    SETTINGS: frame('SETTINGS', 0, 0),
  })) {
    it(`that floods with ${name}, however slowly it reads the answers, is let go`, async (t) => {
      const { frames } = await h2Stage(t, answering('x'), still);
      const client = await frames();
      client.begin();
      const acknowledged = () => client.frames.filter(({ flags, stream }) => stream === 0 && flags === 1).length;
      for (let i = 1; i <= nuisancesMax / 2; i++) {
        client.send(one);
        if (i % 32 === 0) await eventually('the acknowledgement', async () => acknowledged() >= i);
      }
      client.ask(1);
      await client.until('DATA', 1);
      client.send(...Array.from({ length: nuisancesMax }, () => one));
      assert.equal(await client.goneWith(), enhanceYourCalm);
    });
  }

  it('that floods with PRIORITY is let go, and one that sends a few is served', async (t) => {
    const { frames } = await h2Stage(t, answering('x'));
    const one = await frames();
    one.begin();
    const priority = frame('PRIORITY', 0, 1, Buffer.from([0, 0, 0, 0, 1]));
    one.send(priority, priority, request(1));
    await one.until('DATA', 1);
    one.send(...Array.from({ length: 20_000 }, () => priority));
    assert.notEqual(await one.goneWith(), null);
  });

  it(`that sends ${invalidFramesMax} empty DATA frames is let go`, async (t) => {
    const aborted = new Later<string>();
    const { frames } = await h2Stage(t, (exchange) =>
      exchange.receive({
        onDrain: null,
        write: () => true,
        end: () => assert.fail('the body is not whole'),
        abort: ({ reason }) => aborted.tell(reason),
      }),
    );
    const one = await frames();
    one.begin();
    one.send(request(1, 0, post), ...Array.from({ length: invalidFramesMax + 2 }, () => frame('DATA', 0, 1)));
    assert.notEqual(await one.goneWith(), null);
    assert.equal(await aborted.promise, 'client-aborted');
  });

  it('that never ends its head is let go after 8 CONTINUATION frames, and nobody hears of it', async (t) => {
    const { frames } = await h2Stage(t, () => assert.fail('a request'));
    const one = await frames();
    one.begin();
    one.send(
      frame('HEADERS', endStream, 1, block(getHead)),
      ...Array.from({ length: 10 }, () => frame('CONTINUATION', 0, 1)),
    );
    assert.notEqual(await one.goneWith(), null);
  });

  it('that refers to its table for a head without end is refused, on its stream alone', async (t) => {
    const { frames, server } = await h2Stage(t, answering('x'));
    const one = await frames();
    one.begin();
    // Put 4,000 bytes into the table, then name them 16,000 times.
    const value = 'v'.repeat(4_000);
    const put = Buffer.concat([Buffer.from([0x40]), block([['x', value]]).subarray(1)]);
    one.send(frame('HEADERS', endHeaders | endStream, 1, Buffer.concat([block(getHead), put])));
    await one.until('DATA', 1);
    const before = process.memoryUsage().rss;
    for (const stream of [3, 5, 7])
      one.send(
        frame('HEADERS', endHeaders | endStream, stream, Buffer.concat([block(getHead), Buffer.alloc(16_000, 0xbe)])),
      );
    for (const stream of [3, 5, 7]) assert.equal(await one.resetWith(stream), enhanceYourCalm);
    assert.ok(process.memoryUsage().rss - before < 64 * 1024 * 1024);
    one.ask(9);
    await one.until('DATA', 9);
    assert.equal(server.activity().waiting, 1);
  });

  it('has no say in the size of the table that we read with', async (t) => {
    const { frames } = await h2Stage(t, answering('x'));
    const one = await frames();
    one.begin({ 1: 0xffffffff });
    // A dynamic table size update beyond 4,096 (RFC 7541 §6.3).
    one.send(
      frame('HEADERS', endHeaders | endStream, 1, Buffer.concat([Buffer.from([0x3f, 0xe2, 0x1f]), block(getHead)])),
    );
    // COMPRESSION_ERROR.
    assert.equal(await one.goneWith(), 9);
  });

  for (const [name, settings, length] of [
    ['that opens no window', { 4: 0 }, 3],
    ['that opens no window for the rest', { 4: 1 }, 3],
    ['that opens its window and takes nothing', { 4: 0x7fffffff }, 32 * 1024 * 1024],
  ] as const) {
    it(`${name} is given up in time, and its request is told of`, async (t) => {
      const closed = new Later<string>();
      const { frames } = await h2Stage(
        t,
        (exchange) => {
          exchange.onClose = closed.tell;
          const sink = exchange.respond(head(200, {}, length));
          sink.write(Buffer.alloc(length));
          sink.end();
        },
        { engine: { stallMs: 60, lingerMs: 60 }, limits: { idleTimeoutMs: 60 } },
      );
      const one = await frames();
      if (length > 3) one.socket.pause();
      one.begin(settings);
      one.send(frame('WINDOW_UPDATE', 0, 0, number32(0x7fff0000)), request(1));
      assert.equal(await closed.promise, 'aborted');
      if (length === 3) assert.equal(await one.resetWith(1), internalError);
      one.socket.resume();
      await one.closed;
    });
  }

  it('that opens no window for a refusal is given up as well', async (t) => {
    const { frames } = await h2Stage(t, answering('x'), { engine: { stallMs: 60 } });
    const one = await frames();
    one.begin({ 4: 0 });
    one.ask(1, [...getHead, ['host', 'b']]);
    assert.equal(await one.resetWith(1), internalError);
  });

  it('that stalls in its body is told so (408), and has its stream closed', async (t) => {
    const aborted = new Later<string>();
    const { frames } = await h2Stage(
      t,
      (exchange) =>
        exchange.receive({
          onDrain: null,
          write: () => true,
          end: () => {},
          abort: ({ reason }) => aborted.tell(reason),
        }),
      { engine: { stallMs: 60 } },
    );
    const one = await frames();
    one.begin();
    one.send(request(1, 0, post), frame('DATA', 0, 1, 'abc'));
    assert.equal(await aborted.promise, 'request-timeout');
    assert.equal(await one.resetWith(1), 0);
    assert.deepEqual(
      one.frames
        .filter(({ stream }) => stream === 1)
        .map(({ type, payload }) => (type === 'DATA' ? `${payload}` : type)),
      ['HEADERS', 'request-timeout', 'RST_STREAM'],
    );
  });

  it('that trickles its body is given up when that is no pace', async (t) => {
    const aborted = new Later<string>();
    const { frames } = await h2Stage(
      t,
      (exchange) =>
        exchange.receive({
          onDrain: null,
          write: () => true,
          end: () => {},
          abort: ({ reason }) => aborted.tell(reason),
        }),
      { engine: { stallMs: 200, paceBytes: 1024 } },
    );
    const one = await frames();
    one.begin();
    one.send(request(1, 0, post));
    const trickle = setInterval(() => one.send(frame('DATA', 0, 1, 'a')), 10);
    t.after(() => clearInterval(trickle));
    assert.equal(await aborted.promise, 'request-timeout');
  });

  it('that says nothing, or no HTTP/2, is let go in time', async (t) => {
    const { frames, server } = await h2Stage(t, answering('x'), {
      limits: { headTimeoutMs: 60 },
      engine: { lingerMs: 60 },
    });
    const [silent, prefaced, other] = [await frames(), await frames(), await frames()];
    prefaced.begin();
    other.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await Promise.all([silent.closed, prefaced.closed, other.closed]);
    await eventually('nobody is there', async () => server.activity().waiting === 0);
  });

  it('that leaves a head unfinished is let go in time', async (t) => {
    const { frames } = await h2Stage(t, answering('x'), {
      limits: { headTimeoutMs: 60, idleTimeoutMs: 60 },
      engine: { lingerMs: 60 },
    });
    const one = await frames();
    one.begin();
    one.ask(1);
    await one.until('DATA', 1);
    one.send(frame('HEADERS', endStream, 3, block(getHead)));
    assert.equal(await one.goneWith(), 0);
  });
});
