import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as settled } from 'node:timers/promises';
import type { SendOutcome } from '../../src/plane/otlp-client.ts';
import { SpanExporter } from '../../src/plane/span-exporter.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { linesLog } from '../support/lines-log.ts';

const taken: SendOutcome = { kind: 'taken', rejected: 0, why: '' };
const away: SendOutcome = { kind: 'later', why: 'ECONNREFUSED', pauseMs: 0 };

function scene(answers: readonly SendOutcome[] = []) {
  const clock = new FakeClock();
  const { log, lines } = linesLog();
  /** Texts of the requests so far. */
  const sent: string[] = [];
  const waiting = [...answers];
  const exporter = new SpanExporter({
    collector: 'http://collector:4318',
    send: async (batches) => {
      sent.push(batches.map((bytes) => Buffer.from(bytes).toString()).join(''));
      return waiting.shift() ?? taken;
    },
    ...{ clock, log, random: () => 0 },
  });
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settled();
  };
  const take = (text: string, spans = 1) => exporter.take(Buffer.from(text), spans);
  return { exporter, sent, pass, take, lines, answers: waiting };
}

test('spans wait for company for a second, and go together', async () => {
  const { sent, pass, take, exporter } = scene();
  take('a');
  await pass(999);
  take('b', 2);
  assert.deepEqual(sent, []);
  await pass(1);
  assert.deepEqual(sent, ['ab']);
  assert.equal(exporter.standing.exportedSpans, 3);
  await pass(10_000);
  assert.deepEqual(sent, ['ab']);
});

test('much goes at once, in requests of a bounded size', async () => {
  const { sent, pass, take } = scene();
  for (let i = 0; i < 20; i++) take('x'.repeat(64 * 1024));
  for (let i = 0; i < 3; i++) await pass(1_000);
  assert.ok(sent.length >= 3);
  assert.ok(sent.every(({ length }) => length <= 512 * 1024));
  assert.equal(sent.join('').length, 20 * 64 * 1024);
});

test('a collector that is away is asked again after a pause that grows, and gets everything once it is back', async () => {
  const { sent, pass, take, exporter, lines } = scene([away, away, away]);
  take('a');
  await pass(1_000);
  take('b');
  const times: number[] = [];
  for (let ms = 0; ms < 1_000; ms += 10) {
    const before = sent.length;
    await pass(10);
    if (sent.length > before) times.push(ms);
  }
  // 100, 200 and 400 ms, of which random keeps the half.
  assert.deepEqual(times, [40, 140, 340]);
  assert.deepEqual(sent, ['a', 'ab', 'ab', 'ab']);
  const { exportedSpans, droppedSpans, fault } = exporter.standing;
  assert.deepEqual([exportedSpans, droppedSpans, fault], [2, 0, null]);
  assert.deepEqual(
    lines.map(({ level, message, cause, dropped }) => [level, message, cause ?? dropped]),
    [
      ['warn', 'spans cannot be delivered: they wait, and the oldest are dropped beyond 16 MiB', 'ECONNREFUSED'],
      ['info', 'spans are delivered again', 0],
    ],
  );
});

test('while it is away the oldest are dropped beyond 16 MiB, and counted', async () => {
  const { sent, pass, take, exporter, lines, answers } = scene(Array(1_000).fill(away));
  for (let i = 0; i < 300; i++) {
    take(`${i},`.padEnd(64 * 1024, '.'));
    await pass(10);
  }
  const { droppedSpans } = exporter.standing;
  assert.equal(droppedSpans, 300 - 256);
  assert.equal(exporter.standing.fault, 'ECONNREFUSED');
  answers.length = 0;
  sent.length = 0;
  for (let i = 0; i < 200 && exporter.standing.exportedSpans < 256; i++) await pass(1_000);
  assert.deepEqual([exporter.standing.exportedSpans, exporter.standing.droppedSpans], [256, 44]);
  assert.match(sent[0] ?? '', /^44,/);
  assert.equal(lines.length, 2);
  assert.equal(lines[1]?.dropped, 44);
});

test('what it refuses for good is dropped and counted, with one warning', async () => {
  const refused: SendOutcome = { kind: 'refused', why: 'it answers with 401' };
  const { pass, take, exporter, lines } = scene([refused, refused, { kind: 'taken', rejected: 1, why: 'too old' }]);
  for (const text of ['a', 'b']) {
    take(text);
    await pass(1_000);
  }
  assert.deepEqual([exporter.standing.droppedSpans, exporter.standing.fault], [2, 'it answers with 401']);
  take('cd', 2);
  await pass(1_000);
  assert.deepEqual([exporter.standing.exportedSpans, exporter.standing.droppedSpans], [1, 3]);
  assert.equal(lines.filter(({ level }) => level === 'warn').length, 1);
  take('e');
  await pass(1_000);
  assert.equal(exporter.standing.fault, null);
});

test('it is left alone for as long as it asks for, a minute at most', async () => {
  const { sent, pass, take } = scene([{ kind: 'later', why: 'it answers with 429', pauseMs: 3_600_000 }]);
  take('a');
  await pass(1_000);
  take('b');
  await pass(59_999);
  assert.equal(sent.length, 1);
  await pass(1);
  assert.equal(sent.length, 2);
});

test('at the end all is delivered, also after a pause', async () => {
  const { sent, pass, take, exporter } = scene([away]);
  take('a');
  await pass(1_000);
  take('b');
  await exporter.close(1_000);
  assert.deepEqual(sent, ['a', 'ab']);
  assert.equal(exporter.standing.exportedSpans, 2);
});

test('at the end a collector that is away, or says nothing, keeps nobody', async () => {
  const gone = scene([away, away]);
  gone.take('a', 3);
  await gone.exporter.close(1_000);
  assert.equal(gone.exporter.standing.droppedSpans, 3);
  assert.equal(gone.lines.at(-1)?.spans, 3);

  const clock = new FakeClock();
  const { log } = linesLog();
  const silent = new SpanExporter({
    ...{ collector: '', send: () => new Promise<never>(() => {}), clock, log, random: () => 0 },
  });
  silent.take(Buffer.from('a'), 1);
  const closed = silent.close(1_000);
  clock.advance(1_000);
  await closed;
});

test('spans for which there was no room on their way are counted with the others', () => {
  const { exporter } = scene();
  exporter.dropped(7);
  assert.equal(exporter.standing.droppedSpans, 7);
});
