import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { createLog } from '../../../src/base/log.ts';
import { propagated } from '../../../src/tls/dns/propagation.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { fakeResolver } from './fake-resolver.ts';

const owner = '_acme-challenge.app.example.test';
const told = [`${owner} TXT aValue`];
const zone = [
  'example.test NS ns1.example.test',
  'example.test NS ns2.other.test',
  'ns1.example.test A 192.0.2.1',
  'ns1.example.test AAAA 2001:db8::1',
  'ns2.other.test A 192.0.2.2',
];

interface World {
  /** What the system's resolver knows. */
  readonly known?: readonly string[] | 'silent';
  /** By address. */
  readonly servers: Record<string, readonly string[] | 'silent'>;
}

/** Waits for `aValue`; `asked` are the addresses that were asked, in their order. */
function waiting(t: TestContext, { known = zone, servers }: World) {
  const clock = new FakeClock();
  const lines: Record<string, unknown>[] = [];
  const asked: string[] = [];
  const abort = new AbortController();
  t.after(() => abort.abort(new Error('the test is over')));
  const log = createLog({ level: 'info', format: 'json', write: (line) => lines.push(JSON.parse(line)) });
  const resolverAt = (address: string | null) => {
    if (address === null) return fakeResolver(known);
    asked.push(address);
    return fakeResolver(servers[address] ?? []);
  };
  const state = { isDone: false };
  const done = propagated(owner, 'aValue', { clock, log, resolverAt, waitMsMax: 120_000, signal: abort.signal });
  const ended = done.then(() => {
    state.isDone = true;
  });
  ended.catch(() => {});
  /** Until it pauses or is done. */
  const settled = async () => {
    while (clock.pending === 0 && !state.isDone) await turn();
  };
  return { clock, lines, asked, abort, state, ended, settled, servers };
}

test('it is done when every address of every server of the zone tells the value', async (t) => {
  const servers = { '192.0.2.1': told, '2001:db8::1': told, '192.0.2.2': told };
  const { ended, asked, lines } = waiting(t, { servers });
  await ended;
  assert.deepEqual(asked.sort(), ['192.0.2.1', '192.0.2.2', '2001:db8::1']);
  assert.deepEqual(lines, []);
});

test('a server that tells another value is asked again, after 0.5 s, 1 s, 2 s, up to 10 s', async (t) => {
  const { clock, settled, state, servers, lines } = waiting(t, {
    servers: { '192.0.2.1': told, '2001:db8::1': told, '192.0.2.2': [`${owner} TXT avalue`] },
  });
  for (const pauseMs of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    await settled();
    clock.advance(pauseMs - 1);
    assert.equal(clock.pending, 1, `not before ${pauseMs} ms`);
    clock.advance(1);
  }
  servers['192.0.2.2'] = [`${owner} TXT other`, ...told];
  await settled();
  clock.advance(10_000);
  await settled();
  assert.ok(state.isDone);
  assert.deepEqual(lines, []);
});

test('after two minutes it goes on, and says which servers are behind', async (t) => {
  const { clock, settled, state, lines } = waiting(t, {
    servers: { '192.0.2.1': told, '2001:db8::1': 'silent', '192.0.2.2': [] },
  });
  const startMs = clock.monotonic();
  await settled();
  while (!state.isDone) {
    clock.advance(1_000);
    await settled();
  }
  assert.equal(clock.monotonic() - startMs, 120_000);
  assert.equal(lines.length, 1);
  assert.deepEqual(lines[0]?.behind, [
    'ns1.example.test (2001:db8::1) does not answer',
    'ns2.other.test (192.0.2.2) does not tell it',
  ]);
});

test('an address that never answers is not waited for when the others tell the value', async (t) => {
  const { clock, settled, state, lines, asked } = waiting(t, {
    servers: { '192.0.2.1': told, '2001:db8::1': 'silent', '192.0.2.2': told },
  });
  await settled();
  clock.advance(500);
  await settled();
  assert.ok(!state.isDone);
  clock.advance(1_000);
  await settled();
  assert.ok(state.isDone);
  assert.equal(asked.filter((address) => address === '2001:db8::1').length, 3);
  assert.deepEqual(lines, []);
});

for (const [what, known] of [
  ['that nobody knows', []],
  ['of which DNS says nothing', 'silent'],
  ['whose servers have no address', zone.slice(0, 2)],
] as const) {
  test(`for a zone ${what} it goes on at once with a warning`, async (t) => {
    const { ended, lines } = waiting(t, { known, servers: {} });
    await ended;
    assert.match(String(lines[0]?.message), /name servers of this record are not known here/);
  });
}

test('servers of a name that is only an alias are not those of the zone', async (t) => {
  const { ended, asked } = waiting(t, {
    known: [...zone, 'app.example.test CNAME cdn.test', 'app.example.test NS ns.cdn.test', 'ns.cdn.test A 192.0.2.9'],
    servers: { '192.0.2.1': told, '2001:db8::1': told, '192.0.2.2': told },
  });
  await ended;
  assert.ok(!asked.includes('192.0.2.9'));
});

test('an abort ends the wait with its reason', async (t) => {
  const { abort, ended, settled, clock } = waiting(t, { servers: {} });
  await settled();
  abort.abort(new Error('shutting down'));
  await assert.rejects(ended, /^Error: shutting down$/);
  assert.equal(clock.pending, 0);
});
