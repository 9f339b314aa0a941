import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadBefore, machine } from '../bench/machine.ts';
import type { Result } from '../test/chaos/support/results.ts';
import { writeNumbers } from './chaos/page.ts';
import { numbersText, redeployNumbers, scenarioNumbers } from './chaos/tables.ts';

const page = join(import.meta.dirname, '../docs/never-drop.md');

process.exitCode = await main();

/**
 * Every scenario of test/chaos on the real engine, or those of the files named as arguments (`killing` is killing.chaos.ts), then tables
 * of what clients saw. `--rounds=3` for a short run, `--write` to put the numbers into docs/never-drop.md. Returns 0 where each number
 * is as it should be, 2 where it was asked for what it cannot do.
 */
async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const rounds = given.map((argument) => /^--rounds=(\d+)$/.exec(argument)?.[1]).find((count) => count !== undefined);
  const named = given.filter((argument) => !argument.startsWith('--'));
  const write = given.includes('--write');
  if (write && named.some((name) => name !== 'redeploy')) {
    console.error('--write puts whole tables into the docs: name nothing, or redeploy alone.');
    return 2;
  }
  const files = (named.length > 0 ? named : ['*']).map((name) => `test/chaos/${name}.chaos.ts`);
  const occasion = { date: new Date().toISOString().slice(0, 10), machine: machine(), load: loadBefore() };
  const dir = mkdtempSync(join(tmpdir(), 'fl-chaos-'));
  const file = join(dir, 'results');
  writeFileSync(file, '');
  try {
    const code = await scenarios(files, {
      FAIRLEAD_CHAOS_RESULTS: file,
      ...(rounds === undefined ? {} : { FAIRLEAD_CHAOS_ROUNDS: rounds, FAIRLEAD_CHAOS_AWAY_MS: '5000' }),
    });
    const results = resultsIn(file);
    for (const numbers of [scenarioNumbers(results), redeployNumbers(results)]) {
      if (numbers.table.rows.length > 0) console.log(`\n${numbersText(numbers)}`);
    }
    if (code === 0 && write) writeNumbers(page, results, occasion);
    return code;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function resultsIn(file: string): Result[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Result);
}

/** One at a time, because each measures. */
async function scenarios(files: readonly string[], variables: Readonly<Record<string, string>>): Promise<number> {
  const flags = ['--test-concurrency=1', `--test-timeout=${60 * 60_000}`];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'test.ts'), ...flags, ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...variables },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'close');
  return (code as number | null) ?? 1;
}
