import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Timer } from '../../base/clock.ts';
import { dnsFailure, foreignText } from './dns-failure.ts';
import type { ChallengeRecord, TxtProvider } from './txt-provider.ts';

export interface ExecHookOptions {
  /** Path of a program; called without a shell. */
  readonly command: string;
  readonly clock: Clock;
  /** Variables of the proxy itself. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Enough for an API that is slow. Propagation is not waited for by the command. */
const runMsMax = 120_000;
/** From SIGTERM to SIGKILL. */
const graceMs = 5_000;
/** Of what it says on stderr, the end is kept: that is where the reason stands. */
const complaintCharsMax = 300;

/** Taking a record away is nobody's to abort; a run is bounded in itself. */
const never = new AbortController().signal;

/**
 * Leaves it to a command to set records: `command present <record> <value>` and `command cleanup <record> <value>`. Values of one
 * record come one at a time and are to stand side by side. It has the proxy's environment without `FAIRLEAD_*`, and
 * `FAIRLEAD_DNS_ACTION`, `FAIRLEAD_DNS_RECORD`, `FAIRLEAD_DNS_VALUE` and `FAIRLEAD_DNS_NAME`, the name that is certified. Exit
 * code 0 is success; what it leaves running ends with it.
 */
export function execHook(options: ExecHookOptions): TxtProvider {
  return {
    valuesMax: 1_000,
    async present(record, value, signal) {
      await run({ action: 'present', record, value }, { ...options, signal });
      return () => run({ action: 'cleanup', record, value }, { ...options, signal: never });
    },
  };
}

interface Task {
  readonly action: 'present' | 'cleanup';
  readonly record: ChallengeRecord;
  readonly value: string;
}

async function run(task: Task, options: ExecHookOptions & { readonly signal: AbortSignal }): Promise<void> {
  const { command, signal, clock } = options;
  signal.throwIfAborted();
  const child = spawn(command, [task.action, task.record.owner, task.value], {
    env: environment(task, options.env),
    stdio: ['ignore', 'ignore', 'pipe'],
    // A group of its own, so that what it starts can be ended with it.
    detached: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-complaintCharsMax);
  });
  let isLate = false;
  const late = clock.setTimeout(() => {
    isLate = true;
    stop();
  }, runMsMax);
  let last: Timer | null = null;
  const stop = () => {
    endGroup(child, 'SIGTERM');
    last ??= clock.setTimeout(() => {
      endGroup(child, 'SIGKILL');
      child.stderr.destroy();
    }, graceMs);
  };
  signal.addEventListener('abort', stop, { once: true });
  const how = await ending(child).finally(() => {
    signal.removeEventListener('abort', stop);
    late.cancel();
    last?.cancel();
  });
  signal.throwIfAborted();
  const what = `${command} ${task.action} ${task.record.owner}`;
  const said = foreignText(complaint) || 'nothing on stderr';
  if (isLate) throw dnsFailure(`${what} took more than ${runMsMax / 1_000} s and was ended: ${said}`);
  if (how !== 'code 0') throw dnsFailure(`${what} ended with ${how}: ${said}`);
}

/** How it ended, in words; by then all that it said has been read. */
async function ending(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.on('error', (error) => resolve(`an error before it began (${error.message})`));
  // What it has left running may hold its stderr, and then there is no 'close'.
  child.on('exit', () => endGroup(child, 'SIGKILL'));
  child.on('close', (code, signal) => resolve(code === null ? `the signal ${signal}` : `code ${code}`));
  return promise;
}

function endGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // All of it is gone.
  }
}

/** Settings of the proxy hold secrets that are none of the command's business. */
function environment({ action, record, value }: Task, own: ExecHookOptions['env']): Record<string, string | undefined> {
  return {
    ...Object.fromEntries(Object.entries(own).filter(([name]) => !name.startsWith('FAIRLEAD_'))),
    FAIRLEAD_DNS_ACTION: action,
    FAIRLEAD_DNS_RECORD: record.owner,
    FAIRLEAD_DNS_VALUE: value,
    FAIRLEAD_DNS_NAME: record.name,
  };
}
