import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deserialize } from 'node:v8';
import { type PackedTable, withKnown, withoutKnown } from '../../src/plane/packed-table.ts';
import { type Numbering, TablePacker } from '../../src/plane/table-packer.ts';
import type { Route, RouteTable } from '../../src/routing/table.ts';
import { fc } from '../support/properties.ts';
import { aBackend, aRoute } from '../upstream/builders.ts';

const routesOf = (count: number): Route[] => Array.from({ length: count }, () => aRoute());
const numbers: Numbering = { route: (id) => id.length, peer: (id) => -id.length, ejection: (id) => id.length };
const unpacked = ({ parts }: PackedTable): Route[] =>
  parts
    .flatMap(({ bytes }) => deserialize(bytes as Uint8Array) as Route[])
    .map(({ counter, ...route }) => {
      assert.equal(counter, numbers.route(route.id));
      return route;
    });
const written = ({ parts }: PackedTable): number => parts.filter(({ bytes }) => bytes !== null).length;

test('a table comes in parts, whole and in order', () => {
  const table: RouteTable = { version: 1, routes: routesOf(1_001) };
  const packed = new TablePacker(numbers).pack(table);
  assert.ok(packed.parts.length > 1);
  assert.deepEqual(unpacked(packed), table.routes);
});

for (const [what, change] of [
  ['changes', (routes: Route[]) => routes.splice(500, 1, { ...(routes[500] as Route), priority: 1 })],
  ['comes', (routes: Route[]) => routes.splice(500, 0, aRoute())],
  ['leaves', (routes: Route[]) => routes.splice(500, 1)],
] as const) {
  test(`where one route ${what}, only its surroundings are sent again`, () => {
    const packer = new TablePacker(numbers);
    const routes = routesOf(2_000);
    const before = packer.pack({ version: 1, routes: [...routes] });
    change(routes);
    const after = packer.pack({ version: 2, routes });
    const sent = withoutKnown(after, before);
    // A route at the edge of a part may join two, or part one.
    assert.ok(written(sent) >= 1 && written(sent) <= 2, `${written(sent)} of ${sent.parts.length} parts`);
    assert.deepEqual(unpacked(withKnown(sent, before)), routes);
  });
}

test('a receiver that has nothing yet is sent everything', () => {
  const packed = new TablePacker(numbers).pack({ version: 1, routes: routesOf(500) });
  assert.equal(withoutKnown(packed, null), packed);
});

test('whatever a table becomes, the one who was sent the changes has the whole', () => {
  const pool = routesOf(300);
  const other = pool.map((route) => ({ ...route, priority: 1 }));
  // 0 = absent, 1 and 2 = one or the other form of a route.
  const table = fc.array(fc.nat(2), { minLength: pool.length, maxLength: pool.length });
  fc.assert(
    fc.property(fc.array(table, { maxLength: 5 }), (tables) => {
      const packer = new TablePacker(numbers);
      let sentBefore: PackedTable | null = null;
      let had: PackedTable | null = null;
      for (const [version, forms] of tables.entries()) {
        const routes = forms.flatMap((form, i) => [[], [pool[i]], [other[i]]][form] ?? []) as Route[];
        const packed = packer.pack({ version, routes });
        had = withKnown(withoutKnown(packed, sentBefore), had);
        sentBefore = packed;
        assert.deepEqual(unpacked(had), routes);
      }
    }),
    { numRuns: 30 },
  );
});

test('each route and each backend is packed with the number it is counted under', () => {
  const backends = [aBackend({ id: 'one' }), aBackend({ id: 'other' })];
  const packed = new TablePacker(numbers).pack({
    version: 1,
    routes: [aRoute({ serving: { kind: 'pool', backends } })],
  });
  const [{ serving }] = unpacked(packed) as [Route];
  assert.deepEqual(serving.kind === 'pool' && serving.backends.map(({ counter }) => counter), [-3, -5]);
});
