import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { HealthBook, type HealthChange } from '../../src/plane/health-book.ts';
import type { HealthNews } from '../../src/plane/messages.ts';
import type { Backend } from '../../src/routing/table.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { aBackend, tcpCheck } from '../upstream/builders.ts';

function aBook() {
  const clock = new FakeClock();
  const lines: { level: string; message: string; container?: string; reason?: string; left?: number }[] = [];
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  const changes: HealthChange[] = [];
  return { clock, lines, changes, book: new HealthBook({ clock, log, onChange: (some) => changes.push(...some) }) };
}

const checked = (about: Partial<Backend> = {}) => aBackend({ check: tcpCheck(), ...about });
const newsOf = (backend: Backend, about: Partial<Extract<HealthNews, { failure: unknown }>> = {}): HealthNews => ({
  ...{
    peer: peerId(backend),
    container: backend.container,
    address: '127.0.0.1:8080',
    state: 'healthy',
    failure: null,
  },
  ...about,
});

test('a checked backend starts until its check has passed', () => {
  const { book } = aBook();
  const backend = checked();
  assert.equal(book.of(backend).state, 'starting');
  book.hear([newsOf(backend)]);
  assert.deepEqual(book.of(backend), { state: 'healthy', reason: '' });
  book.hear([{ peer: peerId(backend), state: 'gone' }]);
  assert.equal(book.of(backend).state, 'starting');
});

test('what the table forbids no check allows', () => {
  const { book } = aBook();
  const stopped = checked({ state: 'stopped', reason: 'exited with code 0' });
  book.hear([newsOf(stopped)]);
  assert.deepEqual(book.of(stopped), { state: 'stopped', reason: 'exited with code 0' });
  assert.equal(book.of(aBackend()).state, 'healthy');
});

test('the reason has the last failure, how often and when', () => {
  const { book, clock } = aBook();
  const backend = checked();
  const failure = { what: 'connect refused on 127.0.0.1:8080', count: 12, lastMs: clock.now() };
  book.hear([newsOf(backend, { state: 'starting', failure })]);
  clock.advance(400);
  const reason = 'connect refused on 127.0.0.1:8080 (12 times, last 0.4 s ago)';
  assert.deepEqual(book.of(backend), { state: 'starting', reason });
});

test('each change of state is passed on, with its reason', () => {
  const { book, changes, clock } = aBook();
  const backend = checked({ container: 'web-1' });
  const failure = { what: 'status 500', count: 3, lastMs: clock.now() };
  const about = { container: 'web-1', address: '127.0.0.1:8080' };
  book.hear([newsOf(backend, { state: 'starting' })]);
  book.hear([newsOf(backend)]);
  book.hear([newsOf(backend)]);
  book.hear([newsOf(backend, { state: 'unhealthy', failure })]);
  assert.deepEqual(changes, [
    { ...about, state: 'healthy', reason: '' },
    { ...about, state: 'unhealthy', reason: 'status 500 (3 times, last 0.0 s ago)' },
  ]);
});

test('the log has each change once', () => {
  const { book, lines, clock } = aBook();
  const backend = checked({ container: 'web-1' });
  const failure = { what: 'connect refused', count: 3, lastMs: clock.now() };
  book.hear([newsOf(backend, { state: 'starting' })]);
  book.hear([newsOf(backend)]);
  book.hear([newsOf(backend, { failure: { ...failure, count: 1 } })]);
  book.hear([newsOf(backend, { state: 'unhealthy', failure })]);
  book.hear([newsOf(backend, { state: 'unhealthy', failure: { ...failure, count: 4 } })]);
  book.hear([newsOf(backend)]);
  assert.deepEqual(
    lines.map(({ level, message, container }) => [level, message, container]),
    [
      ['info', 'backend healthy', 'web-1'],
      ['warn', 'backend unhealthy', 'web-1'],
      ['info', 'backend healthy', 'web-1'],
    ],
  );
  assert.match(lines[1]?.reason ?? '', /^connect refused \(3 times/);
});

test('one that starts and does not answer for long is told of once, and again after it has answered', () => {
  const { book, lines } = aBook();
  const backend = checked();
  const failed = (count: number) =>
    book.hear([
      newsOf(backend, { state: 'starting', failure: { what: 'connect refused on 127.0.0.1:8080', count, lastMs: 0 } }),
    ]);
  for (const count of [1, 12, 23]) failed(count);
  assert.equal(lines.length, 0);
  for (const count of [25, 27]) failed(count);
  assert.deepEqual(
    lines.map(({ level, message }) => [level, message]),
    [['warn', 'backend does not answer since it started']],
  );
  assert.match(lines[0]?.reason ?? '', /^connect refused on 127.0.0.1:8080 \(25 times/);
  book.hear([newsOf(backend)]);
  for (const count of [1, 30]) failed(count);
  assert.equal(lines.length, 3);
});

test('many that change together make a bounded number of lines', () => {
  const { book, lines } = aBook();
  book.hear(Array.from({ length: 1_000 }, () => newsOf(checked())));
  assert.equal(lines.length, 21);
  assert.equal(lines.at(-1)?.left, 980);
});

test('of a data plane that died nothing is believed any more', () => {
  const { book } = aBook();
  const backend = checked();
  book.hear([newsOf(backend)]);
  book.restart();
  assert.equal(book.of(backend).state, 'starting');
});
