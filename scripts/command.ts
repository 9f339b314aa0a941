import { spawn } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Readable } from 'node:stream';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Piped into the command's standard input. */
  readonly input?: Readable;
  /** The command is killed after so many milliseconds. */
  readonly timeoutMs?: number;
}

/** Bytes of output kept: enough for any list we read and for the reason of a failure. */
const outputBytesMax = 1024 * 1024;

/**
 * Runs a program to its end and returns what it wrote to standard output.
 * Throws with the last lines of both streams when it cannot be started, ends with another code than 0 or takes too long.
 */
export function command(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.env ?? systemEnvironment(),
    stdio: [options.input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
    timeout: options.timeoutMs,
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout = (stdout + text).slice(-outputBytesMax);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-outputBytesMax);
  });
  child.on('error', reject);
  child.on('close', (code, signal) => {
    if (code === 0) return resolve(stdout);
    reject(
      new Error(
        `\`${[file, ...args].join(' ')}\` ended with ${code ?? signal}:\n${lastLines(`${stdout}\n${stderr}`, 15)}`,
      ),
    );
  });
  if (options.input && child.stdin) {
    // The command may end before it has read everything; its exit code tells the story, not the broken pipe.
    child.stdin.on('error', () => {});
    options.input.on('error', (error) => child.stdin?.destroy(error)).pipe(child.stdin);
  }
  return promise;
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

/** Where a program lies, or undefined. The sbin directories are searched too: a root shell got by plain `su` lacks them. */
export function findProgram(name: string): string | undefined {
  for (const directory of systemPath().split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return realpathSync(file);
    } catch {
      // Not here: the next directory.
    }
  }
  return undefined;
}

/** PATH with the directories of the system's own programs behind it. */
export function systemPath(): string {
  return [process.env.PATH ?? '', '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    .filter((part) => part !== '')
    .join(delimiter);
}

export function systemEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: systemPath() };
}
