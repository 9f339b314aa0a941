import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, fairleadImage, testEngine } from '../support/engine.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { OpenLoad } from './support/open-load.ts';
import { record } from './support/results.ts';
import { rounds } from './support/scenario.ts';

/** Answers after 20 ms; at SIGTERM it ends at once, or serves on for so many ms and then closes. */
const app = `
const { createServer } = require('node:http');
const server = createServer((request, response) => setTimeout(() => response.end(process.env.NAME), 20)).listen(3000);
process.on('SIGTERM', () => {
  if (process.env.SERVES_ON === 'no') process.exit(0);
  setTimeout(() => server.close(() => process.exit(0)), Number(process.env.SERVES_ON));
});`;

interface Column {
  readonly name: string;
  /** ms from SIGTERM on, or that it exits at once. */
  readonly servesOn: number | 'no';
  readonly kept?: boolean;
  readonly trials: number;
}

const columns: readonly Column[] = [
  { name: 'app drains at once', servesOn: 0, trials: rounds(10) },
  { name: 'app serves on for 2 s', servesOn: 2_000, trials: rounds(5) },
  { name: 'app exits at once', servesOn: 'no', trials: rounds(5) },
  { name: 'app drains at once, client without keep-alive', servesOn: 0, kept: false, trials: rounds(4) },
];

/** How long it is watched with both, and after the stop: a late mistake is one too. */
const bothMs = 1_200;
const afterMs = 3_500;

async function trial(t: TestContext, proxy: ProxyProcess, { servesOn, kept = true }: Column) {
  const engine = testEngine(t);
  const host = `app.${engine.mark}.test`;
  const start = (name: string) =>
    engine.container({
      image: fairleadImage(),
      entrypoint: ['node', '-e', app],
      command: [],
      env: { NAME: name, SERVES_ON: String(servesOn) },
      labels: { 'proxy.host': host, 'proxy.port': '3000' },
      // That of the image is about a proxy.
      healthcheck: { Test: ['NONE'] },
      host: { Init: false },
    });
  const old = await start('A');
  await proxy.live(host);
  const load = new OpenLoad(proxy, { host, kept });
  t.after(() => load.end());
  await eventually('it is served', async () => load.answers('A') >= 10);
  await start('B');
  await eventually('the new one answers', async () => load.answers('B') >= 10);
  await sleep(bothMs);
  await old.stop();
  await sleep(afterMs);
  return load.end();
}

for (const column of columns) {
  const { name, trials } = column;
  test(`a replacement at 150 requests a second: ${name}`, async (t) => {
    const { endpoint } = testEngine(t);
    const proxy = await ProxyProcess.start(t, { endpoint });
    const failed: number[] = [];
    const failures: Record<string, number> = {};
    let requests = 0;
    for (let at = 0; at < trials; at++) {
      await t.test(`trial ${at + 1}`, async (inner) => {
        const report = await trial(inner, proxy, column);
        requests += report.requests;
        failed.push(report.failures.length);
        for (const what of report.failures) failures[what] = (failures[what] ?? 0) + 1;
      });
    }
    record(t, { kind: 'redeploy', row: { column: name, failed, requests, failures } });
    assert.equal(failed.length, trials);
    assert.deepEqual(failures, {});
  });
}
