import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textTable } from '../src/admin/text-table.ts';
import type { Row } from '../test/chaos/support/scenario.ts';

process.exitCode = await main();

/**
 * Every scenario of test/chaos on the real engine, or the files named as arguments, then a table of what clients saw. `--rounds=3`
 * for a short run. Returns 0 where each number is as it should be.
 */
async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const rounds = given.map((argument) => /^--rounds=(\d+)$/.exec(argument)?.[1]).find((count) => count !== undefined);
  const named = given.filter((argument) => !argument.startsWith('--rounds='));
  const dir = mkdtempSync(join(tmpdir(), 'fl-chaos-'));
  const results = join(dir, 'results');
  writeFileSync(results, '');
  try {
    const code = await scenarios(named.length > 0 ? named : ['test/chaos/*.chaos.ts'], {
      FAIRLEAD_CHAOS_RESULTS: results,
      ...(rounds === undefined ? {} : { FAIRLEAD_CHAOS_ROUNDS: rounds, FAIRLEAD_CHAOS_AWAY_MS: '5000' }),
    });
    const rows = readFileSync(results, 'utf8')
      .trim()
      .split('\n')
      .filter((line) => line !== '');
    console.log(`\n${tableOf(rows.map((line) => JSON.parse(line) as Row)).join('\n')}`);
    return code;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
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

function tableOf(rows: readonly Row[]): string[] {
  const heads = ['SCENARIO', 'ROUNDS', 'REQUESTS', 'FAILED', 'WS CUT', 'ALLOWED', 'OTHERS', 'SLOWEST MS', ''];
  return textTable(
    heads,
    rows.map(({ scenario, rounds, requests, failed, failures, tunnelsCut, allowed, others, slowestMs, note }) => {
      const seen = Object.entries(failures).map(([what, count]) => `${count} ${what}`);
      const remarks = [note, ...seen].filter((word) => word !== '').join('; ');
      return [scenario, rounds, requests, failed, tunnelsCut, allowed, others, slowestMs, remarks];
    }),
  );
}
