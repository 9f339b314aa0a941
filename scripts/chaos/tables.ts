import { type Table, tableMarkdown, tableText } from '../../bench/table.ts';
import type { Result } from '../../test/chaos/support/results.ts';

/** A table with what does not fit into its columns. */
export interface Numbers {
  readonly table: Table;
  readonly notes: readonly string[];
}

/** What clients saw of each scenario. */
export function scenarioNumbers(results: readonly Result[]): Numbers {
  const rows = results.flatMap((result) => (result.kind === 'scenario' ? [result.row] : []));
  return {
    table: {
      title: 'What clients saw',
      columns: ['scenario', 'rounds', 'requests', 'failed', 'WebSockets cut', 'owed at most', 'others', 'slowest, ms'],
      rows: rows.map((row) => [
        row.scenario,
        ...[row.rounds, row.requests, row.failed, row.tunnelsCut, row.allowed, row.others, row.slowestMs].map(String),
      ]),
    },
    notes: rows.flatMap(({ scenario, note, failures }) => noted(scenario, [note, countsOf(failures)])),
  };
}

/** Failed requests by trial, in the columns in which other proxies were measured. */
export function redeployNumbers(results: readonly Result[]): Numbers {
  const rows = results.flatMap((result) => (result.kind === 'redeploy' ? [result.row] : []));
  return {
    table: {
      title: 'A replacement at 150 requests a second',
      columns: ['the app, and the client', 'failed by trial', 'failed', 'requests'],
      rows: rows.map(({ column, failed, requests }) => {
        const sum = failed.reduce((total, count) => total + count, 0);
        return [column, failed.join(', '), String(sum), String(requests)];
      }),
    },
    notes: rows.flatMap(({ column, failures }) => noted(column, [countsOf(failures)])),
  };
}

export function numbersText({ table, notes }: Numbers): string {
  return [tableText(table), ...notes.map((note) => `  * ${note}`)].join('\n');
}

export function numbersMarkdown({ table, notes }: Numbers): string {
  return [tableMarkdown(table), ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : [])].join('\n');
}

function noted(what: string, remarks: readonly string[]): string[] {
  const said = remarks.filter((remark) => remark !== '');
  return said.length > 0 ? [`${what}: ${said.join('; ')}`] : [];
}

const countsOf = (failures: Readonly<Record<string, number>>): string =>
  Object.entries(failures)
    .map(([what, count]) => `${count} × ${what}`)
    .join(', ');
