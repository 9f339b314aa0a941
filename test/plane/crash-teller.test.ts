import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import type { Container } from '../../src/docker/container.ts';
import { readDefaults } from '../../src/labels/defaults.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { CrashTeller } from '../../src/plane/crash-teller.ts';
import { buildTable } from '../../src/routing/build.ts';
import { labelledContainer } from '../admin/admin-world.ts';
import { engine, onHost } from '../routing/builders.ts';

function aTeller() {
  const lines: { level: string; message: string; container?: string; times?: number; left?: number }[] = [];
  const teller = new CrashTeller(
    createLog({ level: 'info', format: 'json', write: (line) => lines.push(JSON.parse(line)) }),
  );
  const { defaults } = readDefaults({});
  const look = (nowMs: number, containers: readonly Container[], complete = true) => {
    const readings = containers.map((container) => ({ container, reading: readLabels(container, defaults) }));
    const built = buildTable({ version: 1, readings, place: onHost, engines: [engine()], containers });
    teller.look(containers, built, { nowMs, complete });
  };
  return { lines, look, messages: () => lines.map(({ message }) => message) };
}

const app = labelledContainer({ 'proxy.host': 'app.example.com' }, { name: 'app-1' });
const ended = (changedMs: number, about: Partial<Container> = {}): Container => ({
  ...app,
  ...{ state: 'exited', exitCode: 3, changedMs },
  ...about,
});

test('a container that ends by itself makes one line, with its exit code and what to do', () => {
  const { lines, look } = aTeller();
  look(0, [app]);
  look(1_000, [ended(5)]);
  look(2_000, [ended(5)]);
  assert.deepEqual(
    lines.map(({ level, message, container }) => [level, message, container]),
    [['warn', 'app-1 exited with code 3: see docker logs app-1', 'app-1']],
  );
});

test('one that is started again and again is told of every ten seconds, with how often', () => {
  const { look, messages } = aTeller();
  look(0, [app]);
  for (let run = 1; run <= 25; run++) {
    look(run * 1_000 - 500, [app]);
    look(run * 1_000, [ended(run, { state: 'restarting' })]);
  }
  assert.deepEqual(messages(), [
    'app-1 exited with code 3: see docker logs app-1',
    'app-1 exited with code 3, 11 times within 10s: see docker logs app-1',
    'app-1 exited with code 3, 21 times within 20s: see docker logs app-1',
  ]);
});

test('out of memory is said, and what was ten minutes ago is not counted', () => {
  const { look, messages } = aTeller();
  look(0, [app]);
  look(1_000, [ended(1)]);
  look(601_000, [ended(2, { exitCode: 137, outOfMemory: true })]);
  assert.equal(messages()[1], 'app-1 exited with code 137, out of memory: see docker logs app-1');
});

test('who was stopped, ended well, has no route or had ended before is not told of', () => {
  const { lines, look } = aTeller();
  look(0, [ended(1)], false);
  look(500, [ended(1)]);
  const others = [
    labelledContainer({}, { state: 'exited', exitCode: 1 }),
    labelledContainer({ 'proxy.host': 'b.example.com' }, { state: 'exited', exitCode: 1, wasStopped: true }),
    labelledContainer({ 'proxy.host': 'b.example.com' }, { state: 'exited', exitCode: 143 }),
    labelledContainer({ 'proxy.host': 'c.example.com' }, { state: 'exited', exitCode: 0 }),
    labelledContainer({ 'proxy.host': 'd.example.com' }, { state: 'removed', exitCode: 1 }),
  ];
  look(1_000, [ended(1), ...others]);
  assert.deepEqual(lines, []);
});

test('many that end together make a bounded number of lines', () => {
  const { lines, look } = aTeller();
  look(0, []);
  const many = Array.from({ length: 100 }, () =>
    labelledContainer({ 'proxy.host': 'app.example.com' }, { state: 'exited', exitCode: 1 }),
  );
  look(1_000, many);
  assert.equal(lines.length, 21);
  assert.equal(lines.at(-1)?.left, 80);
});
