import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../scripts/free-port.ts';
import { Child } from '../child.ts';
import { firstAnswer } from '../first-answer.ts';
import { get } from '../get.ts';
import { processTree } from '../process-tree.ts';
import type { Contender } from './contender.ts';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface FairleadOptions {
  /** `unix:///…` */
  readonly endpoint: string;
  readonly dir: string;
  /** The only core both planes may run on; undefined = all cores. */
  readonly core?: number | undefined;
  readonly workers?: number;
  /** A directory of `<name>.crt` and `<name>.key` that `proxy.tls=cert:<name>` finds; with one the port speaks HTTPS. */
  readonly certificates?: string | undefined;
}

/** Fairlead from this checkout, both planes as users run them. */
export class Fairlead implements Contender {
  readonly name = 'fairlead';
  readonly version = fairleadVersion();
  readonly port: number;
  readonly adminPort: number;
  readonly accessLog: string;
  /** performance.now() just before the process was started. */
  readonly startedMs: number;
  readonly #child: Child;

  private constructor(child: Child, place: { port: number; adminPort: number; accessLog: string; startedMs: number }) {
    this.#child = child;
    this.port = place.port;
    this.adminPort = place.adminPort;
    this.accessLog = place.accessLog;
    this.startedMs = place.startedMs;
  }

  /** Starts the process and returns at once; see `ready`. */
  static async start(options: FairleadOptions): Promise<Fairlead> {
    const { endpoint, dir, core, workers = 1, certificates } = options;
    const port = await freePort();
    const adminPort = await freePort();
    const accessLog = join(dir, 'fairlead.access.log');
    const data = join(dir, 'data');
    const address = `127.0.0.1:${port}`;
    const [http, https] = certificates === undefined ? [address, 'off'] : ['off', address];
    if (certificates !== undefined) {
      mkdirSync(data, { mode: 0o700 });
      cpSync(certificates, join(data, 'certs'), { recursive: true });
    }
    const args = [
      ...[main, 'serve', '--workers', String(workers)],
      ...['--http', http, '--https', https, '--admin', `127.0.0.1:${adminPort}`],
      ...['--docker', endpoint, '--data', data],
      ...['--log', 'json', '--log-level', 'info', '--access-log', accessLog],
    ];
    const startedMs = performance.now();
    const child = new Child('fairlead', process.execPath, args, {
      dir,
      env: { NODE_ENV: 'production' },
      core,
    });
    return new Fairlead(child, { port, adminPort, accessLog, startedMs });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Process ids of the two planes; the data plane is the child that the control plane forked. */
  planes(): { control: number; data: number } {
    const [control = this.pid, data = 0] = processTree(this.pid);
    return { control, data };
  }

  /** Waits until `/readyz` says yes and returns how long that took from the start of the process, in ms. */
  async ready(signal: AbortSignal, { withinMs = 60_000 }: { withinMs?: number } = {}): Promise<number> {
    await firstAnswer(
      { port: this.adminPort, host: `127.0.0.1:${this.adminPort}`, path: '/readyz' },
      { wanted: ({ status }) => status === 200, everyMs: 2, withinMs, signal, check: () => this.#child.checkAlive() },
    );
    return performance.now() - this.startedMs;
  }

  /** `/status` as it is. */
  async status(): Promise<unknown> {
    const host = `127.0.0.1:${this.adminPort}`;
    return JSON.parse((await get({ port: this.adminPort, host, path: '/status', timeoutMs: 10_000 })).body);
  }

  /** The `tookMs` of each table swap so far: labels read, table built, compared and sent. */
  swapsMs(): number[] {
    const text = readFileSync(join(this.#outDir(), 'fairlead.out'), 'utf8');
    const took: number[] = [];
    for (const line of text.split('\n')) {
      if (!line.includes('table swapped')) continue;
      const entry = JSON.parse(line) as { tookMs?: number };
      if (entry.tookMs !== undefined) took.push(entry.tookMs);
    }
    return took;
  }

  checkAlive(): void {
    this.#child.checkAlive();
  }

  #outDir(): string {
    return join(this.accessLog, '..');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stop();
  }
}

/** Version and commit of this checkout, and whether its sources differ from that commit. */
export function fairleadVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const git = (...args: string[]) => execFileSync('git', args, { cwd, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    const changed = git('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes';
    return `fairlead ${version} (${git('rev-parse', '--short', 'HEAD')}${changed})`;
  } catch {
    return `fairlead ${version}`;
  }
}
