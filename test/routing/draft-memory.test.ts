import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Place } from '../../src/docker/snapshot.ts';
import { buildTable } from '../../src/routing/build.ts';
import { DraftMemory } from '../../src/routing/draft-memory.ts';
import { fc } from '../support/properties.ts';
import { backends, build, container, engine, inContainer, type Labelled, labelled, onHost } from './builders.ts';

const input = (readings: readonly Labelled[], place: Place = onHost) => ({
  version: 1,
  readings,
  place,
  engines: [engine()],
  containers: readings.map((one) => one.container),
});

test('a route that nothing has changed for is the same object in the next table', () => {
  const memory = new DraftMemory();
  const [a, b] = [labelled({ host: 'a.example' }), labelled({ host: 'b.example' })];
  const before = buildTable(input([a, b]), memory);
  const stopped: Labelled = { ...b, container: { ...b.container, state: 'exited' } };
  const after = buildTable(input([a, stopped]), memory);
  assert.equal(after.table.routes[0], before.table.routes[0]);
  assert.notEqual(after.table.routes[1], before.table.routes[1]);
  assert.equal(backends(after, 'b.example/')[0]?.state, 'stopped');
});

test('where the proxy itself moves, every address is chosen anew', () => {
  const memory = new DraftMemory();
  const app = labelled({});
  buildTable(input([app], onHost), memory);
  const after = buildTable(input([app], inContainer(['elsewhere'])), memory);
  assert.deepEqual(after, build([app], inContainer(['elsewhere'])));
});

test('a route in the network of another container follows that one', () => {
  const memory = new DraftMemory();
  const owner = container();
  const app = labelled({}, { networkMode: `container:${owner.id}`, attachments: [] });
  const inputWith = (of: typeof owner) => ({ ...input([app]), containers: [app.container, of] });
  buildTable(inputWith(owner), memory);
  const moved = { ...owner, attachments: owner.attachments.map((one) => ({ ...one, ipv4: '172.20.0.9' })) };
  assert.equal(backends(buildTable(inputWith(moved), memory), 'app.example.com/')[0]?.host, '172.20.0.9');
});

test('with a memory of whatever came before, a table is the one that is built without', () => {
  // Of two regexes the one with the older container comes first, so their order changes with what is there.
  const hosts = ['a.example', 'b.example', '*.example', '~^x', '~^y'];
  const alias = ['c.example', 'a.example'];
  const aliased = (i: number) => (i < 2 ? { alias: alias[i] as string } : {});
  // Three containers of each host, in turns, so that none of the hosts has the oldest ones.
  const pool = [1, 2, 3].flatMap(() => hosts.map((host, i) => labelled({ host, ...aliased(i) })));
  const ended = pool.map((one): Labelled => ({ ...one, container: { ...one.container, state: 'exited' } }));
  const gone = pool.map((one): Labelled => ({ ...one, container: { ...one.container, state: 'removed' } }));
  const forms = [[], pool, ended, gone];
  const picture = fc.array(fc.nat(3), { minLength: pool.length, maxLength: pool.length });
  fc.assert(
    fc.property(fc.array(picture, { maxLength: 6 }), (pictures) => {
      const memory = new DraftMemory();
      for (const picture of pictures) {
        const readings = picture.flatMap((form, i) => (forms[form] as Labelled[])[i] ?? []);
        assert.deepEqual(buildTable(input(readings), memory), buildTable(input(readings)));
      }
    }),
    { numRuns: 100 },
  );
});
