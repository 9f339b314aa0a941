import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClientRun, clientText } from './client-text.ts';
import type { LoadResult } from './load.ts';
import { endedChildrenCpuMs } from './process-tree.ts';
import { percentile } from './statistics.ts';
import { offered } from './tls-terms.ts';

/** Paths that take turns; the other fields of a head are the same in all requests, for h2load knows no more. */
const paths = 2_048;
const fields = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0',
  accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  'accept-language': 'en-US,en;q=0.5',
  'accept-encoding': 'gzip, deflate, br',
  cookie: 'id=0123456789abcdef; theme=dark',
  'upgrade-insecure-requests': '1',
  'sec-fetch-mode': 'navigate',
};

/**
 * Loads a port with HTTP/2 over TLS through h2load. Throws when it fails, does not come back, or another protocol or other terms
 * were agreed on than offered.
 */
export async function http2Load(
  options: ClientRun & {
    readonly port: number;
    readonly connections: number;
    /** Requests under way at once on each connection. */
    readonly streams: number;
    /** Five characters that choose the backend's answer, see lua/backend.lua. */
    readonly path: string;
    /** For files of the run. */
    readonly dir: string;
  },
): Promise<LoadResult> {
  const { port, connections, streams, seconds, path, dir } = options;
  const addresses = join(dir, 'h2load.addresses');
  const log = join(dir, 'h2load.log');
  writeFileSync(addresses, addressLines(path));
  writeFileSync(log, '');
  const cpuBeforeMs = endedChildrenCpuMs();
  const text = await clientText(options, [
    ...['--threads=1', `--clients=${connections}`, `--max-concurrent-streams=${streams}`, `--duration=${seconds}`],
    ...[`--input-file=${addresses}`, `--connect-to=127.0.0.1:${port}`, `--log-file=${log}`],
    ...['--npn-list=h2', `--tls13-ciphers=${offered.suite13}`, `--groups=${offered.groups}`],
    ...Object.entries(fields).map(([name, value]) => `--header=${name}: ${value}`),
  ]);
  return { ...http2Result(text, readFileSync(log, 'latin1')), clientCpuMs: endedChildrenCpuMs() - cpuBeforeMs };
}

/** Reads h2load's report and its log of requests. Throws when there are none, or other terms were agreed on than offered. */
export function http2Result(report: string, log: string): Omit<LoadResult, 'clientCpuMs'> {
  const numbers = (pattern: RegExp) => {
    const found = pattern.exec(report)?.slice(1).map(Number);
    if (found === undefined) throw new Error(`h2load gave no result:\n${report}`);
    return found;
  };
  const { suite13, group } = offered;
  const agreed = ['TLSv1.3', suite13, group, 'Application protocol: h2'];
  const missing = agreed.filter((words) => !report.includes(words));
  if (missing.length > 0) throw new Error(`h2load agreed with the proxy on something else than ${missing}:\n${report}`);
  const [value = Number.NaN, milli] = /^finished in ([\d.]+)(m?)s,/m.exec(report)?.slice(1) ?? [];
  const [failed = 0, errored = 0, timeout = 0] = numbers(/^requests: .* (\d+) failed, (\d+) errored, (\d+) timeout$/m);
  const [s2xx = 0, s3xx = 0, s4xx = 0, s5xx = 0] = numbers(
    /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx$/m,
  );
  const [bytes = 0] = numbers(/^traffic: .*\((\d+)\) total/m);
  const tookMs = log.split('\n').flatMap((line) => (line === '' ? [] : Number(line.split('\t')[2]) / 1000));
  return {
    requests: s2xx + s3xx + s4xx + s5xx,
    seconds: Number(value) / (milli === 'm' ? 1000 : 1),
    bytes,
    p50Ms: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
    failed: failed + errored + timeout,
    notOk: s4xx + s5xx,
  };
}

/** h2load takes scheme and host from the first line; where it connects to is told apart. */
function addressLines(path: string): string {
  const lines = Array.from({ length: paths }, (_, index) => {
    const number = String(index).padStart(5, '0');
    const session = ((index * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0');
    return `https://bench.test${path}/${number}/page.html?session=${session}\n`;
  });
  return lines.join('');
}
