import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { ensureClients } from './clients.ts';
import { type Engine, ensureEngine } from './engine.ts';
import { ensureEngine26 } from './engine26.ts';
import { Images } from './images.ts';

const say = (line: string) => console.log(`# ${line}`);

/** Functions of test/support/engine.ts: only where a chosen file calls one, what it gives is worth its making. */
const calls = { proxyImage: 'fairleadImage(', secondEngine: 'testEngine26' };

process.exitCode = await main();

/**
 * Runs the tests against real engines: all, or the files named as arguments. Arguments that begin with `-` go to `node --test`.
 * Returns the exit code of the tests, or 1 where an engine is missing: tests that do not run must not look as if they passed.
 */
async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const flags = given.filter((argument) => argument.startsWith('-'));
  const named = given.filter((argument) => !argument.startsWith('-'));
  const files = (named.length > 0 ? named : ['test/**/*.test.ts']).flatMap((pattern) => globSync(pattern)).sort();
  if (files.length === 0) {
    console.error(`No test file matches ${named.join(' ')}.`);
    return 1;
  }
  const engines: Engine[] = [];
  try {
    await clients();
    const engine = await ensureEngine({ say });
    engines.push(engine);
    const images = new Images(engine, { say });
    await images.ensureBackend();
    const texts = files.map((file) => readFileSync(file, 'utf8'));
    const wanted = (call: string) => texts.some((text) => text.includes(call));
    const tag = wanted(calls.proxyImage) ? await images.ensureProxy() : undefined;
    const second = wanted(calls.secondEngine) ? await secondEngine() : undefined;
    if (second) engines.push(second);
    return await nodeTest([...flags, ...files], {
      FAIRLEAD_TEST_DOCKER: engine.endpoint,
      ...(second ? { FAIRLEAD_TEST_DOCKER26: second.endpoint } : {}),
      ...(tag ? { FAIRLEAD_TEST_IMAGE: tag } : {}),
    });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    for (const engine of engines.reverse()) await engine.stop();
  }
}

/** curl and the like. In CI they have to be there; elsewhere the tests that need one that cannot be had fail with its absence. */
async function clients(): Promise<void> {
  try {
    await ensureClients({ say });
  } catch (error) {
    if (process.env.CI) throw error;
    say(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Docker 26 with the backend's image in it. In CI it has to be there. Elsewhere, without root or on another system than Debian,
 * the tests that need it fail with its absence, and all others run.
 */
async function secondEngine(): Promise<Engine | undefined> {
  try {
    const engine = await ensureEngine26({ say });
    await new Images(engine, { say }).ensureBackend();
    return engine;
  } catch (error) {
    if (process.env.CI) throw error;
    say(`No Docker 26 here, so the tests that need it will fail. ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Runs `node --test` and returns its exit code. Ctrl-C reaches it from the terminal; we stay to clean up. */
function nodeTest(args: readonly string[], variables: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const concurrency = `--test-concurrency=${availableParallelism()}`;
  // A test that waits for ever fails with its name instead of holding up CI; the longest takes a quarter of this.
  const timeout = '--test-timeout=120000';
  const child = spawn(process.execPath, ['--test', concurrency, timeout, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  child.on('error', reject).on('close', (code) => resolve(code ?? 1));
  return promise;
}
