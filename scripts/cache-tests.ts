/**
 * Scores the cache with the public suite of http-tests/cache-tests, whose code is no part of this repository: where it is comes as
 * the argument or in CACHE_TESTS. Needs the suite's own packages (`npm i undici liquidjs` there) and takes some four minutes.
 *
 *     node scripts/cache-tests.ts <folder> [id]
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { cachedSite } from './cache-tests/cached-site.ts';
import { type Suite, scoreOf } from './cache-tests/score.ts';
import { freePort } from './free-port.ts';

const folder = process.argv[2] ?? process.env.CACHE_TESTS;
const id = process.argv[3] ?? '';
if (folder === undefined) {
  process.stderr.write('say where http-tests/cache-tests is: node scripts/cache-tests.ts <folder> [id]\n');
  process.exit(2);
}

const port = await freePort();
const origin = run(['test-engine/server/server.mjs'], {
  npm_config_protocol: 'http',
  npm_config_port: String(port),
  npm_config_pidfile: join(tmpdir(), `cache-tests-${process.pid}.pid`),
});
await once(origin.stdout as Readable, 'data');
const site = await cachedSite(port);
try {
  const client = run(['--no-warnings', 'test-engine/cli.mjs'], {
    npm_config_base: site.url,
    npm_package_config_id: id,
  });
  const output = await text(client.stdout as Readable);
  if (id === '') await report(output);
  else process.stdout.write(output);
} finally {
  await site.close();
  origin.kill();
}

async function report(output: string): Promise<void> {
  const results = JSON.parse(output) as Record<string, unknown>;
  const { default: suites } = (await import(pathToFileURL(join(folder ?? '', 'tests/index.mjs')).href)) as {
    default: readonly Suite[];
  };
  const { determineTestResult, resultTypes } = await import(
    pathToFileURL(join(folder ?? '', 'test-engine/lib/results.mjs')).href
  );
  const score = scoreOf(suites, (test) => determineTestResult(suites, test, results), resultTypes);
  for (const [kind, { passed, of, others }] of Object.entries(score)) {
    process.stdout.write(`${kind}: ${passed} of ${of}\n`);
    for (const other of others)
      process.stdout.write(`  ${other}: ${JSON.stringify(results[other.split(' ')[0] ?? ''])}\n`);
  }
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}
