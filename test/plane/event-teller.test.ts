import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventFeed, type FeedEvent } from '../../src/admin/event-feed.ts';
import type { Container } from '../../src/docker/container.ts';
import { readDefaults } from '../../src/labels/defaults.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { EventTeller } from '../../src/plane/event-teller.ts';
import { type BuiltTable, buildTable } from '../../src/routing/build.ts';
import { compareTables } from '../../src/routing/compare.ts';
import { peerId } from '../../src/upstream/peer.ts';
import { certificate, labelledContainer } from '../admin/admin-world.ts';
import { engine, onHost } from '../routing/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';

/** A teller whose events a test can read; times are left out. */
function aTeller() {
  const clock = new FakeClock();
  const told: [FeedEvent['name'], Record<string, unknown>][] = [];
  class Heard extends EventFeed {
    override tell({ name, data }: FeedEvent): void {
      told.push([name, data as Record<string, unknown>]);
    }
  }
  const teller = new EventTeller({
    feed: new Heard(clock),
    clock,
    stateOf: ({ state, reason }) => ({ state, reason }),
  });
  return { clock, told, teller };
}

function tableOf(version: number, containers: readonly Container[]): BuiltTable {
  const { defaults } = readDefaults({});
  const readings = containers.map((container) => ({ container, reading: readLabels(container, defaults) }));
  return buildTable({ version, readings, place: onHost, engines: [engine()], containers });
}

const swap = (before: BuiltTable, after: BuiltTable) =>
  [after, { before, difference: compareTables(before.table, after.table) }] as const;
const labels = { 'proxy.host': 'app.example.com', 'proxy.health': 'off' };

test('a new table says what came, went and changed', () => {
  const { told, teller } = aTeller();
  const one = labelledContainer(labels, { name: 'app-1' });
  const two = labelledContainer({ 'proxy.host': 'new.example.com' }, { name: 'new-1' });
  const before = tableOf(1, [one, labelledContainer({ 'proxy.host': 'old.example.com' })]);
  teller.swapped(...swap(before, tableOf(2, [{ ...one, labels: { ...labels, 'proxy.timeout': '5' } }, two])));
  assert.deepEqual(told, [
    [
      'table',
      {
        ...{ version: 2, routes: 2, added: ['new.example.com/'], removed: ['old.example.com/'], more: 0 },
        changed: [{ id: 'app.example.com/', what: ['options'] }],
      },
    ],
  ]);
});

test('of very many changes twenty of each kind are named, and the number of the others', () => {
  const { told, teller } = aTeller();
  const containers = Array.from({ length: 50 }, (_, i) => labelledContainer({ 'proxy.host': `h${i}.example.com` }));
  teller.swapped(...swap(tableOf(0, []), tableOf(1, containers)));
  const [, data] = told[0] ?? assert.fail();
  assert.deepEqual([(data.added as unknown[]).length, data.more], [20, 30]);
});

test('a container that stops is a change of health, told once however many routes it has', () => {
  const { told, teller } = aTeller();
  const both = { ...labels, 'proxy.api.path': '/api', 'proxy.web.path': '/web' };
  const one = labelledContainer(both, { name: 'app-1' });
  const before = tableOf(1, [one]);
  const stopped = tableOf(2, [{ ...one, state: 'exited', exitCode: 3 }]);
  teller.swapped(...swap(before, stopped));
  const health = told.filter(([name]) => name === 'health').map(([, data]) => data);
  assert.equal(health.length, 1);
  const { container, state, reason } = health[0] ?? assert.fail();
  assert.deepEqual([container, state, reason], ['app-1', 'stopped', 'exited with code 3; see `docker logs app-1`']);
});

test('what a check finds is told', () => {
  const { told, teller } = aTeller();
  const change = {
    container: 'app-1',
    address: '127.0.0.1:80',
    state: 'unhealthy',
    reason: 'connect refused',
  } as const;
  teller.checked([change]);
  assert.deepEqual(told, [['health', change]]);
});

test('a container that is left out for its failures is told, and that it is back', () => {
  const { told, teller } = aTeller();
  const built = tableOf(1, [labelledContainer(labels, { name: 'app-1' })]);
  const { serving } = built.table.routes[0] ?? assert.fail();
  const [backend] = serving.kind === 'pool' ? serving.backends : [];
  const id = peerId(backend ?? assert.fail());
  teller.ejections(new Set(), built);
  teller.ejections(new Set([id]), built);
  teller.ejections(new Set([id]), built);
  teller.ejections(new Set(), built);
  assert.deepEqual(
    told.map(([name, { container, state }]) => [name, container, state]),
    [
      ['health', 'app-1', 'ejected'],
      ['health', 'app-1', 'healthy'],
    ],
  );
});

test('certificates are told when they change, many changes in one look, and what is there at the start is none', () => {
  const { told, teller, clock } = aTeller();
  let views = [certificate(), certificate({ names: ['b.example.com'], state: 'ordering', notAfter: null })];
  const changed = (): void => teller.certificatesChanged(() => views);
  changed();
  clock.advance(250);
  assert.equal(told.length, 0);
  views = [certificate(), certificate({ names: ['b.example.com'], state: 'waiting', notAfter: null })];
  changed();
  views = [certificate(), certificate({ names: ['b.example.com'], why: 'In use.' })];
  changed();
  clock.advance(250);
  const [name, { names, state, issuer, notAfter }] = told[0] ?? assert.fail();
  assert.deepEqual([told.length, name, names, state, issuer], [1, 'certificate', ['b.example.com'], 'valid', 'R11']);
  assert.equal(notAfter, '2027-01-30T00:00:00.000Z');
  changed();
  clock.advance(250);
  assert.equal(told.length, 1);
});
