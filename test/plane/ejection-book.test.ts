import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { readDefaults } from '../../src/labels/defaults.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { EjectionBook } from '../../src/plane/ejection-book.ts';
import { FailureBook, failingBackendsMax } from '../../src/plane/failure-book.ts';
import type { FailedRequest } from '../../src/proxy/failed-request.ts';
import { buildTable } from '../../src/routing/build.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { labelledContainer } from '../admin/admin-world.ts';
import { engine, onHost } from '../routing/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A book over some containers of one route, the lines of its log, and what failed. */
function aBook(names: readonly string[] = ['app-1']) {
  const clock = new FakeClock();
  const lines: { level: string; message: string; container?: string; reason?: string; left?: number }[] = [];
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  const failures = new FailureBook();
  const book = new EjectionBook({
    ...{ clock, log, stateOf: ({ state, reason }) => ({ state, reason }) },
    failureAt: (container, address) => failures.at(container, address),
  });
  const { defaults } = readDefaults({});
  const containers = names.map((name) =>
    labelledContainer({ 'proxy.host': 'app.example.com', 'proxy.health': 'off' }, { name }),
  );
  const readings = containers.map((container) => ({ container, reading: readLabels(container, defaults) }));
  const built = buildTable({ version: 1, readings, place: onHost, engines: [engine()], containers });
  const serving = built.table.routes[0]?.serving;
  const backends = serving?.kind === 'pool' ? serving.backends : assert.fail();
  const failed = (about: Partial<FailedRequest> = {}) => {
    const request: FailedRequest = {
      ...{ at: new Date(clock.now()).toISOString(), requestId: 'id', method: 'GET', path: '/', status: 502 },
      ...{ reason: 'backend-refused', client: '203.0.113.9', container: 'app-1', upstream: '172.20.0.2:8080' },
      ...{ totalMs: 1, upstreamMs: null, tries: 3 },
      ...about,
    };
    failures.hear({ type: 'failures', failed: [{ route: 'app.example.com/', request }], slow: [], more: 0 });
  };
  const look = (are: 'out' | 'in') => book.look(new Set(are === 'out' ? backends.map(peerId) : []), built);
  return { clock, lines, book, failures, failed, look, backend: backends[0] ?? assert.fail() };
}

const cause = 'connect refused on 172.20.0.2:8080 (3 tries within 30s); check proxy.port';

test('a backend that is left out makes one line, with what failed and what to do', () => {
  const { lines, failed, look } = aBook();
  failed();
  look('out');
  look('out');
  assert.deepEqual(
    lines.map(({ level, container, reason }) => [level, container, reason]),
    [['warn', 'app-1', cause]],
  );
  look('in');
  look('out');
  assert.equal(lines.length, 2);
});

test('the cause is waited for, because a request is told when its last try has failed', () => {
  const { clock, lines, failed, look } = aBook();
  look('out');
  clock.advance(6_000);
  look('out');
  assert.equal(lines.length, 0);
  failed();
  look('out');
  assert.equal(lines[0]?.reason, cause);
});

test('where no request fails for it, as with a retry elsewhere, the line comes without the cause', () => {
  const { clock, lines, look } = aBook();
  look('out');
  clock.advance(15_000);
  look('out');
  look('out');
  assert.deepEqual(
    lines.map(({ reason }) => reason),
    ['3 tries failed there within 30s'],
  );
});

test('what failed long before, or was an answer of the backend itself, is no cause', () => {
  const { clock, book, failed, look, backend } = aBook();
  failed();
  clock.advance(30_001);
  look('out');
  assert.equal(book.lastFailure(backend), null);
  failed({ reason: null });
  failed({ reason: 'rate-limited', status: 429 });
  assert.equal(book.lastFailure(backend), null);
  failed();
  clock.advance(3_600_000);
  assert.equal(book.lastFailure(backend)?.reason, 'backend-refused');
});

test('many that are left out together make a bounded number of lines', () => {
  const { clock, lines, look } = aBook(Array.from({ length: 100 }, (_, i) => `app-${i}`));
  look('out');
  clock.advance(15_000);
  look('out');
  assert.equal(lines.length, 21);
  assert.equal(lines.at(-1)?.left, 80);
});

test('the last failure is kept of a thousand backends', () => {
  const { failures, failed } = aBook();
  for (let i = 0; i <= failingBackendsMax; i++) failed({ container: `app-${i}` });
  assert.equal(failures.at('app-0', '172.20.0.2:8080'), null);
  assert.notEqual(failures.at('app-1', '172.20.0.2:8080'), null);
});
