import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { lastLines, systemPath } from '../command.ts';
import { untilAnswering } from './ping.ts';
import { alive, endProcess, pidFrom, runsWith } from './process-state.ts';

export interface DaemonOptions {
  /** Holds everything of this daemon: data, state, socket, pid file, log. Short: a Unix socket's path has 107 bytes. */
  readonly dir: string;
  readonly dockerd: string;
  /** Searched before PATH, for a containerd that belongs to this dockerd. */
  readonly programs?: string;
  /** A program with arguments that starts dockerd in its own place, such as nsenter. */
  readonly prefix?: readonly string[];
  readonly args?: readonly string[];
}

export interface Daemon {
  readonly socket: string;
  readonly pid: number;
}

export const socketIn = (dir: string): string => join(dir, 'docker.sock');

/**
 * Starts a dockerd that shares nothing with another one on this machine but the kernel, and waits until it answers.
 * What a killed predecessor left is cleared first. The daemon lives in its own session, so that Ctrl-C on a terminal
 * reaches us and not it: whoever cleans up still needs it. Throws with the end of its log when it does not come up.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  mkdirSync(options.dir, { recursive: true, mode: 0o711 });
  await clearLeftOvers(options.dir);
  try {
    return await launch(options);
  } catch (error) {
    // A containerd that died unreaped looks alive to dockerd, which then gives up after 30 s; without it the second start works.
    if (!String(error).includes('containerd')) throw error;
    await clearLeftOvers(options.dir);
    return launch(options);
  }
}

/** Stops the daemon of a directory, if one runs, and its containerd. */
export async function stopDaemon(dir: string): Promise<void> {
  const pid = pidFrom(join(dir, 'docker.pid'));
  // 30 s: dockerd gives each container its own grace period before it ends.
  if (pid && runsWith(pid, `${dir}/`)) await endProcess(pid, { graceMs: 30_000 });
  await clearLeftOvers(dir);
}

async function launch({ dir, dockerd, programs, prefix = [], args = [] }: DaemonOptions): Promise<Daemon> {
  const logFile = join(dir, 'dockerd.log');
  const log = openSync(logFile, 'w', 0o600);
  const socket = socketIn(dir);
  // By default dockerd reads /etc/docker/daemon.json, whose settings belong to the machine's own engine and may clash with these.
  const config = join(dir, 'daemon.json');
  writeFileSync(config, '{}\n');
  const [program = dockerd, ...rest] = [...prefix, dockerd];
  const child = spawn(
    program,
    [
      ...rest,
      ...['--data-root', join(dir, 'data')],
      ...['--exec-root', join(dir, 'exec')],
      ...['--pidfile', join(dir, 'docker.pid')],
      ...['--host', `unix://${socket}`],
      ...['--config-file', config],
      ...args,
    ],
    {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH: programs ? programs + delimiter + systemPath() : systemPath() },
    },
  );
  closeSync(log);
  let spawnError: Error | undefined;
  child.on('error', (error) => {
    spawnError = error;
  });
  child.unref();
  const pid = child.pid ?? 0;
  const failed = () => {
    if (spawnError) return `${program} cannot be started: ${spawnError.message}`;
    if (alive(pid)) return undefined;
    return `dockerd ended while starting. The end of ${logFile}:\n${lastLines(readFileSync(logFile, 'utf8'), 8)}`;
  };
  try {
    // 90 s: the first start of a machine under load makes bridges and firewall chains.
    await untilAnswering(socket, { timeoutMs: 90_000, failed });
  } catch (error) {
    if (alive(pid)) await endProcess(pid, { graceMs: 10_000 });
    throw error;
  }
  return { socket, pid };
}

/** Removes pid files and processes that a killed daemon left; dockerd refuses to start, or waits in vain, where it finds them. */
async function clearLeftOvers(dir: string): Promise<void> {
  for (const file of [join(dir, 'docker.pid'), join(dir, 'exec/containerd/containerd.pid')]) {
    const pid = pidFrom(file);
    // The number may have gone to a stranger since: only a process that names our directory is ours to end.
    if (pid && runsWith(pid, `${dir}/`)) await endProcess(pid, { graceMs: 10_000 });
    rmSync(file, { force: true });
  }
}
