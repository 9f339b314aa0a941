import { type ChildProcess, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { Duplex } from 'node:stream';

export interface SshTarget {
  readonly user: string;
  readonly host: string;
  readonly port: number | null;
}

/** Each connection is a process here and a session there: sshd allows 10 of them by default (MaxStartups, MaxSessions). */
const connectionsMax = 5;

/**
 * Carries HTTP to an engine over ssh, as Docker's own commands do: every connection is `ssh -- user@host docker system
 * dial-stdio`. The host key, the user's keys and his ~/.ssh/config are ssh's business. `program` is for tests.
 */
export class SshAgent extends Agent {
  readonly #args: readonly string[];
  readonly #program: string;

  constructor(target: SshTarget, { program = 'ssh' }: { program?: string } = {}) {
    super({ keepAlive: true, maxSockets: connectionsMax });
    this.#args = sshArguments(target);
    this.#program = program;
  }

  override createConnection(): Duplex {
    return new ProcessStream(spawn(this.#program, [...this.#args], { stdio: ['pipe', 'pipe', 'pipe'] }));
  }
}

export function sshArguments({ user, host, port }: SshTarget): readonly string[] {
  return [
    // A question for a password would wait for ever on a terminal that nobody watches.
    ...['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10', '-o', 'ServerAliveInterval=30', '-T'],
    ...(port === null ? [] : ['-p', String(port)]),
    '--',
    user === '' ? host : `${user}@${host}`,
    ...['docker', 'system', 'dial-stdio'],
  ];
}

/** Of what ssh says on stderr, the end is kept: that is where the reason stands. */
const complaintBytesMax = 2_048;

/** The two pipes of a process as one stream that node:http takes for a socket. */
class ProcessStream extends Duplex {
  readonly #child: ChildProcess;
  #complaint = '';

  constructor(child: ChildProcess) {
    super();
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout?.pause();
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-complaintBytesMax);
    });
    // A write to a process that has ended: its end is reported by 'close' below.
    child.stdin?.on('error', () => {});
    child.on('error', (error) => this.destroy(error));
    child.on('close', (code) => {
      if (code === 0) this.push(null);
      else this.destroy(new Error(`ssh ended with code ${code}: ${this.#complaint.trim() || 'no message'}`));
    });
  }

  override _read(): void {
    this.#child.stdout?.resume();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin?.write(chunk, encoding, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin?.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  // What node:http calls on a socket and a process has not.
  setTimeout(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  ref(): this {
    this.#child.ref();
    return this;
  }
  unref(): this {
    this.#child.unref();
    return this;
  }
}
