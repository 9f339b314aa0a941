import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packTable, TableUnpacker } from '../../src/plane/packed-table.ts';
import type { RouteTable } from '../../src/routing/table.ts';
import { aRoute } from '../upstream/builders.ts';

const tableOf = (version: number, count: number): RouteTable => ({
  version,
  routes: Array.from({ length: count }, () => aRoute()),
});

test('a small table is there at once', () => {
  const seen: RouteTable[] = [];
  const unpacker = new TableUnpacker((table) => seen.push(table));
  for (const table of [tableOf(1, 0), tableOf(2, 3)]) {
    unpacker.unpack(packTable(table));
    assert.deepEqual(seen.at(-1), table);
  }
});

test('a large table comes in parts, whole and in order', async () => {
  const table = tableOf(1, 1_001);
  const seen = await new Promise<RouteTable>((resolve) => new TableUnpacker(resolve).unpack(packTable(table)));
  assert.deepEqual(seen, table);
  assert.ok(packTable(table).parts.length > 1);
});

test('of the tables that come while one is unpacked only the newest follows', async () => {
  const versions: number[] = [];
  await new Promise<void>((resolve) => {
    const unpacker = new TableUnpacker(({ version }) => {
      versions.push(version);
      if (version === 3) resolve();
    });
    unpacker.unpack(packTable(tableOf(1, 2_000)));
    unpacker.unpack(packTable(tableOf(2, 2_000)));
    setImmediate(() => unpacker.unpack(packTable(tableOf(3, 600))));
  });
  assert.deepEqual(versions, [1, 3]);
});
