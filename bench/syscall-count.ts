import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, systemEnvironment } from '../scripts/command.ts';

/** Calls by name, such as `epoll_wait`. */
export type Calls = ReadonlyMap<string, number>;

export interface SyscallCounter {
  /** For the report. */
  readonly method: string;
  /** Counts what processes and all their threads call while `during` runs. Throws with the counter's own words when it cannot. */
  count(pids: readonly number[], during: () => Promise<void>): Promise<Calls>;
}

/** What proxies call, and what threads call beside their work; all others together are told as `other`. */
const names = `
  read readv pread64 recvfrom recvmsg write writev pwrite64 sendto sendmsg sendfile64 splice
  epoll_wait epoll_pwait epoll_pwait2 epoll_ctl io_uring_enter socket connect accept accept4
  setsockopt getsockopt getsockname getpeername shutdown close fcntl ioctl
  futex sched_yield nanosleep clock_nanosleep timer_settime rt_sigprocmask getrusage getpid gettid getrandom tgkill
  madvise mmap munmap mprotect`
  .trim()
  .split(/\s+/);
const all = 'raw_syscalls:sys_enter';
const eventOf = (name: string) => `syscalls:sys_enter_${name}`;
const tracefs = '/sys/kernel/tracing/events/syscalls';
/** Attaching some forty events to each of a dozen threads takes a second or two. */
const attachMsMax = 30_000;

/** perf if the kernel lets it count calls, else strace; null where there is neither. */
export function syscallCounter(programs: {
  perf: string | undefined;
  strace: string | undefined;
}): SyscallCounter | null {
  const { perf, strace } = programs;
  if (perf !== undefined && existsSync(tracefs)) return perfCounter(perf);
  return strace === undefined ? null : straceCounter(strace);
}

function perfCounter(perf: string): SyscallCounter {
  return {
    method:
      'Calls are counted by the kernel (`perf stat` on its tracepoints), which slows the proxy by little and stops it never.',
    async count(pids, during) {
      const known = names.filter((name) => existsSync(`${tracefs}/sys_enter_${name}`));
      const events = [all, ...known.map(eventOf)].join(',');
      // It starts without counting and takes commands on descriptor 3, each acknowledged on 4 (perf-stat(1), --control).
      const args = ['stat', '-x', ',', '-D', '-1', '--control', 'fd:3,4', '-e', events, '-p', pids.join(',')];
      const child = spawn(perf, args, {
        env: systemEnvironment(),
        stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      });
      const output = collected(child);
      const [control, acks] = [child.stdio[3] as Duplex, child.stdio[4] as Duplex];
      // A broken pipe means that perf has ended, which "close" tells with its reason.
      for (const pipe of [control, acks]) pipe.on('error', () => {});
      const tell = async (word: string): Promise<void> => {
        control.write(`${word}\n`);
        await within(once(acks, 'data'), child, output);
      };
      try {
        await tell('enable');
        await during();
        await tell('disable');
      } finally {
        await interrupt(child);
      }
      return perfCalls(output.text);
    },
  };
}

/** Reads lines such as `1204,,syscalls:sys_enter_read,542683236,100.00,,`. */
export function perfCalls(text: string): Calls {
  const counts = new Map<string, number>();
  for (const [, count, event = ''] of text.matchAll(/^(\d+),[^,]*,([\w:]+),/gm)) counts.set(event, Number(count));
  const calls = new Map<string, number>();
  for (const name of names) {
    const count = counts.get(eventOf(name)) ?? 0;
    if (count > 0) calls.set(name, count);
  }
  const named = [...calls.values()].reduce((total, count) => total + count, 0);
  const other = (counts.get(all) ?? named) - named;
  return other > 0 ? calls.set('other', other) : calls;
}

function straceCounter(strace: string): SyscallCounter {
  return {
    method:
      'Calls are counted by `strace -c`, which stops the proxy at each of them: it is many times slower meanwhile and finds more to do per wait.',
    async count(pids, during) {
      const args = ['-c', '-f', '-U', 'calls,name', ...pids.flatMap((pid) => ['-p', String(pid)])];
      const child = spawn(strace, args, { env: systemEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
      const output = collected(child);
      try {
        if (child.stderr !== null) await within(once(child.stderr, 'data'), child, output);
        // It names one process after another, and there is no last word.
        await sleep(500);
        await during();
      } finally {
        await interrupt(child);
      }
      return straceCalls(output.text);
    },
  };
}

/** Reads lines such as `     1204 read`. */
export function straceCalls(text: string): Calls {
  const lines = [...text.matchAll(/^ *(\d+) (\w+)$/gm)].filter(([, , name]) => name !== 'total');
  return new Map(lines.map(([, count, name = '']) => [name, Number(count)]));
}

function collected(child: ChildProcess): { text: string } {
  const output = { text: '' };
  child.on('error', (error) => {
    output.text += error.message;
  });
  child.stderr?.setEncoding('utf8').on('data', (part: string) => {
    output.text = (output.text + part).slice(-256 * 1024);
  });
  return output;
}

/** Throws when the counter ends, or stays silent, before what is awaited. */
async function within(awaited: Promise<unknown>, child: ChildProcess, output: { text: string }): Promise<void> {
  const end = new AbortController();
  const late = sleep(attachMsMax, 'late', { signal: end.signal }).catch(() => 'late');
  const closed = once(child, 'close', { signal: end.signal }).then(
    () => 'closed',
    () => 'closed',
  );
  const first = await Promise.race([awaited, late, closed]);
  end.abort();
  if (typeof first === 'string') throw new Error(`calls cannot be counted:\n${lastLines(output.text, 10)}`);
}

async function interrupt(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
}
