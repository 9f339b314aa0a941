/**
 * What a table swap is made of, measured one part at a time with the product's own functions, on a heap that holds nothing else.
 * Arguments: number of routes, how often. Sends the times of each part in ms.
 */
import type { Container } from '../src/docker/container.ts';
import type { UpstreamTransport } from '../src/http/transport.ts';
import { readLabels } from '../src/labels/read-labels.ts';
import { bucketMemory } from '../src/limit/bucket-table.ts';
import { type PackedTable, withoutKnown } from '../src/plane/packed-table.ts';
import { workerStepWorld } from '../src/plane/step-world.ts';
import { TablePacker } from '../src/plane/table-packer.ts';
import { TableReceiver } from '../src/plane/table-receiver.ts';
import { TrafficLedger } from '../src/plane/traffic-ledger.ts';
import { TableCell } from '../src/proxy/table-cell.ts';
import { type BuildInput, type BuiltTable, buildTable } from '../src/routing/build.ts';
import { compareTables } from '../src/routing/compare.ts';
import { DraftMemory } from '../src/routing/draft-memory.ts';
import { Peers } from '../src/upstream/peers.ts';
import type { SwapParts } from './swap-parts.ts';

const [routesText = '10', timesText = '20'] = process.argv.slice(2);
const routes = Number(routesText);
const times = Number(timesText);

const containers = Array.from({ length: routes }, (_, number) => container(number));
const readings = containers.map((of) => ({ container: of, reading: readLabels(of) }));
const upstream = { forget: () => {} } as Partial<UpstreamTransport> as UpstreamTransport;
const cell = new TableCell(
  new Peers(upstream),
  { monotonic: () => performance.now(), random: Math.random, affinityKey: 'bench' },
  workerStepWorld({ buckets: bucketMemory() }, upstream),
);
const drafts = new DraftMemory();
const packer = new TablePacker(new TrafficLedger());
const parts: Record<keyof SwapParts, number[]> = {
  labels: [],
  build: [],
  compare: [],
  pack: [],
  hand: [],
  take: [],
  longestTurn: [],
};
let applied = (): void => {};
const receiver = new TableReceiver({
  begin: (version) => cell.begin(version),
  withdraw: () => {},
  onApplied: () => applied(),
  monotonic: () => performance.now(),
});
let bytes = 0;
let before = build(0);
let packedBefore = packer.pack(before.table);
await take(packedBefore);
for (const part of Object.values(parts)) part.length = 0;
for (let version = 1; version <= times; version++) {
  const changing = version % routes;
  const old = containers[changing] as Container;
  const changed: Container = { ...old, state: old.state === 'running' ? 'exited' : 'running' };
  containers[changing] = changed;
  timed('labels', () => {
    readings[changing] = { container: changed, reading: readLabels(changed) };
  });
  const built = timed('build', () => build(version));
  timed('compare', () => compareTables(before.table, built.table));
  const packed = timed('pack', () => packer.pack(built.table));
  const sent = withoutKnown(packed, packedBefore);
  bytes = sent.parts.reduce((sum, part) => sum + (part.bytes?.length ?? 0), 0);
  // Through the channel to the data plane's main thread, and from there to a worker.
  const handed = timed('hand', () => structuredClone(structuredClone(sent)));
  await take(handed);
  before = built;
  packedBefore = packed;
}
process.send?.({ parts, bytes });
process.disconnect?.();

/** As a worker does it, a little per turn; what counts is the longest that other work has to wait. */
async function take(packed: PackedTable): Promise<void> {
  let longestMs = 0;
  let turnMs = performance.now();
  const startedMs = turnMs;
  const turn = (): void => {
    longestMs = Math.max(longestMs, performance.now() - turnMs);
    turnMs = performance.now();
  };
  await new Promise<void>((resolve) => {
    let over = false;
    applied = () => {
      turn();
      over = true;
      resolve();
    };
    const watch = (): void => {
      turn();
      if (!over) setImmediate(watch);
    };
    setImmediate(watch);
    receiver.receive(packed);
  });
  parts.take.push(performance.now() - startedMs);
  parts.longestTurn.push(longestMs);
}

function timed<T>(part: keyof SwapParts, work: () => T): T {
  const startedMs = performance.now();
  const result = work();
  parts[part].push(performance.now() - startedMs);
  return result;
}

function build(version: number): BuiltTable {
  const input: BuildInput = { version, readings, place: { kind: 'host' }, engines: [], containers };
  return buildTable(input, drafts);
}

function container(number: number): Container {
  return {
    id: number.toString(16).padStart(64, '0'),
    name: `bench-app-${number}-1`,
    image: 'app:1',
    endpoint: 'unix:///bench.sock',
    project: 'bench',
    service: `app-${number}`,
    oneOff: false,
    labels: { 'proxy.host': `app-${number}.bench.test`, 'proxy.port': '8080', 'proxy.timeout': '30s' },
    createdMs: 1_790_000_000_000 + number,
    changedMs: 1_790_000_000_000 + number,
    state: 'running',
    health: 'none',
    stopping: false,
    exitCode: 0,
    outOfMemory: false,
    exposedPorts: [],
    publishedPorts: [],
    networkMode: 'host',
    attachments: [],
    stopSignal: 15,
    stopGraceMs: 10_000,
  };
}
