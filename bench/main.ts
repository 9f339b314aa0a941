import { fileURLToPath } from 'node:url';
import { locked } from '../scripts/engine/lock.ts';
import type { Bench } from './bench.ts';
import { cache } from './cache.ts';
import { certificates } from './certificates.ts';
import { coldStart } from './cold-start.ts';
import { collapse } from './collapse.ts';
import { convergence } from './convergence.ts';
import { http2 } from './http2.ts';
import { limiter } from './limiter.ts';
import { loadBefore, machine } from './machine.ts';
import { memory } from './memory.ts';
import { type BenchOptions, readOptions } from './options.ts';
import { publishedMarkdown } from './published.ts';
import { sectionMarkdown, sectionText, writeReport } from './report.ts';
import { requests } from './requests.ts';
import { routes } from './routes.ts';
import { steps } from './steps.ts';
import { syscalls } from './syscalls.ts';
import { tls } from './tls.ts';
import { websocket } from './websocket.ts';
import { workers } from './workers.ts';

const benches: readonly Bench[] = [
  ...[requests, tls, http2, websocket, cache, collapse, steps, limiter, syscalls, workers],
  ...[memory, certificates, convergence, coldStart, routes],
];
const names = benches.map(({ name }) => name);
const reportFile = fileURLToPath(new URL('../docs/benchmarks.md', import.meta.url));

const help = `npm run bench [-- <name>… --rounds 5 --seconds 1 --trials 20 --write]

${benches.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

Without a name all are run. --write puts the results into docs/benchmarks.md.`;

const say = (line: string) => console.error(`· ${line}`);

/** Ctrl-C ends what runs and cleans up; a second one leaves at once. */
function interruptible(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130);
      console.error('\nStopping and cleaning up …');
      controller.abort(new Error(`stopped by ${signal}`));
    });
  }
  return controller.signal;
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), names);
  if (options.help) {
    console.log(help);
    return 0;
  }
  const signal = interruptible();
  const waiting = setTimeout(() => say('Another bench runs on this machine: waiting for its end.'), 1_000);
  // Two at once would measure each other.
  return locked('bench', () => {
    clearTimeout(waiting);
    return run(options, signal);
  });
}

async function run(options: BenchOptions, signal: AbortSignal): Promise<number> {
  const { names: wanted, rounds, seconds, trials, write } = options;
  const sections = new Map<string, string>();
  const failures: string[] = [];
  for (const bench of benches) {
    if (!wanted.includes(bench.name) || signal.aborted) continue;
    const occasion = {
      date: new Date().toISOString().slice(0, 10),
      machine: machine(),
      load: loadBefore(),
      command: `npm run bench -- ${bench.name} --rounds ${rounds} --seconds ${seconds} --trials ${trials}`,
    };
    try {
      const section = await bench.run({ rounds, seconds, trials, signal, say });
      console.log(sectionText(section));
      sections.set(bench.name, sectionMarkdown(section, occasion));
    } catch (error) {
      if (signal.aborted) return 130;
      failures.push(bench.name);
      console.error(`The bench ${bench.name} failed:`, error);
    }
  }
  if (write && sections.size > 0) {
    writeReport(reportFile, sections, { names, appendix: publishedMarkdown });
    say(`Wrote docs/benchmarks.md (${[...sections.keys()].join(', ')}).`);
  }
  if (signal.aborted) return 130;
  return failures.length > 0 ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 2;
});
