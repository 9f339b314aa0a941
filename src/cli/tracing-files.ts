import type { Problem } from '../labels/problem.ts';
import { problemOf } from '../labels/problem-text.ts';
import type { Fault } from '../labels/value-reading.ts';
import type { Collector } from '../plane/otlp-client.ts';
import { secretReader } from '../tls/dns/secret-reader.ts';
import { readAuthorities } from './authorities-file.ts';
import { readSmallFile } from './small-file.ts';
import { readOtlpHeaders, type TracingSettings, tracingRows } from './tracing-rows.ts';

/**
 * Reads the files and variables that the settings of tracing lead to. What is wrong with them is a reason not to start; no problem
 * shows what was found there.
 */
export function readTracingFiles(
  { otlp, otlpHeaders, otlpCaFile }: TracingSettings,
  env: Readonly<Record<string, string | undefined>>,
): { readonly tracing: Collector | null; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report = (key: keyof TracingSettings, fault: Fault): void => {
    problems.push(problemOf({ container: '', label: tracingRows[key].name, text: '', secret: true }, fault));
  };
  if (otlp === null) {
    const expected = 'FAIRLEAD_OTLP beside it: without a collector nothing is traced';
    if (otlpHeaders !== null) report('otlpHeaders', { expected, severity: 'warning' });
    if (otlpCaFile !== null) report('otlpCaFile', { expected, severity: 'warning' });
    return { tracing: null, problems };
  }
  const headers = readHeaders(secretReader(otlpHeaders ?? '', { readFile: readSmallFile, env }), (fault) =>
    report('otlpHeaders', fault),
  );
  const caPem = otlpCaFile === null ? null : readAuthorities(otlpCaFile, (fault) => report('otlpCaFile', fault));
  return { tracing: { url: otlp, headers, caPem }, problems };
}

function readHeaders(
  read: ReturnType<typeof secretReader>,
  report: (fault: Fault) => void,
): Readonly<Record<string, string>> {
  const secret = read();
  if (secret.kind === 'absent') return {};
  if (secret.kind === 'unreadable') {
    report({ expected: `headers that can be read; ${secret.why}` });
    return {};
  }
  const { value, faults } = readOtlpHeaders(secret.text);
  for (const fault of faults) report(fault);
  return value ?? {};
}
