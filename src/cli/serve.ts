import { availableParallelism } from 'node:os';
import { isLoopback } from '../admin/loopback.ts';
import { problemLines } from '../admin/problem-lines.ts';
import { AdminUnavailable } from '../admin/unavailable.ts';
import { systemClock } from '../base/clock.ts';
import { createLog, type Log } from '../base/log.ts';
import { bracketed } from '../http/authority.ts';
import type { ControlPlane } from '../plane/control-plane.ts';
import { PortUnavailable } from '../plane/port-claim.ts';
import { StoreFailure } from '../store/store-failure.ts';
import { dataDirectoryProblem, keptAdminToken } from './data-directory.ts';
import { readIssuerFiles } from './issuer-files.ts';
import { logPlaceProblems } from './log-places.ts';
import { readSettings, type Settings } from './settings.ts';
import { exitCodes, type Terminal } from './terminal.ts';
import { readTracingFiles } from './tracing-files.ts';
import { untilSignal } from './until-signal.ts';

/** Runs the proxy until a signal says stop. */
export async function serve(flags: readonly string[], terminal: Terminal): Promise<number> {
  const { env } = terminal;
  const reading = readSettings({ flags, env, cores: availableParallelism(), terminal: terminal.terminal });
  const dataProblem = dataDirectoryProblem(reading.settings.dataDir);
  const { issuers, problems: found } = readIssuerFiles(reading.issuers, env);
  const { tracing, problems: foundOfTracing } = readTracingFiles(reading.settings, env);
  const all = [...reading.problems, ...reading.warnings, ...found, ...foundOfTracing];
  if (dataProblem !== null) all.push(dataProblem);
  all.push(...logPlaceProblems(reading.settings));
  const problems = all.filter(({ severity }) => severity === 'error');
  if (problems.length > 0) {
    const lines = problems.flatMap((problem) => problemLines(problem));
    const head = `fairlead cannot start: ${problems.length === 1 ? 'a setting is' : `${problems.length} settings are`} wrong`;
    terminal.err(`${[head, ...lines].join('\n')}\n`);
    return exitCodes.cannotRun;
  }
  const log = createLog({ level: reading.settings.logLevel, format: reading.settings.logFormat });
  for (const { label, value, expected } of all) log.warn({ setting: label, value }, `${label}: ${expected}`);

  const { settings, newToken } = withToken({ ...reading.settings, issuers, tracing });
  const plane = await start(settings, log, terminal);
  if (plane === null) return exitCodes.cannotRun;
  log.info({ ...plane.ports, pid: process.pid }, 'fairlead is up');
  // Past the log, which others may read: this one time only.
  if (newToken !== null)
    terminal.err(`admin page, this link signs you in: ${loginLink(settings, plane.ports.admin, newToken)}\n`);
  const { signals } = terminal;
  // From a terminal it says that the terminal is gone, and ends the proxy as it ends other programs.
  if (!terminal.terminal) signals.on('SIGHUP', () => plane.reopenLogs());
  const signal = await untilSignal({ signals, clock: systemClock, insisted: () => process.exit(exitCodes.no) });
  log.info({ signal }, 'stopping: requests under way may finish; a second signal ends at once');
  await plane.stop();
  log.info({}, 'fairlead has stopped');
  return exitCodes.ok;
}

async function start(settings: Settings, log: Log, terminal: Terminal): Promise<ControlPlane | null> {
  // Only now: whoever mistyped a setting need not wait for it.
  const { startControlPlane } = await import('../plane/control-plane.ts');
  try {
    return await startControlPlane({ settings, log });
  } catch (error) {
    const isTold = [PortUnavailable, AdminUnavailable, StoreFailure].some((kind) => error instanceof kind);
    if (!isTold || !(error instanceof Error)) throw error;
    terminal.err(`fairlead cannot start: ${error.message}\n`);
    return null;
  }
}

/** An admin address that others can reach gets a token where none was set. */
function withToken(settings: Settings): { settings: Settings; newToken: string | null } {
  const { admin, adminToken, dataDir } = settings;
  if (admin === null || adminToken !== null || isLoopback(admin.host)) return { settings, newToken: null };
  const { token, isNew } = keptAdminToken(dataDir);
  return { settings: { ...settings, adminToken: token }, newToken: isNew ? token : null };
}

function loginLink({ admin }: Settings, port: number | null, token: string): string {
  const host = admin?.host;
  const name = host === undefined || host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${bracketed(name)}:${port}/?token=${encodeURIComponent(token)}`;
}
