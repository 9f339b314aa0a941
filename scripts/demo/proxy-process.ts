import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLines } from '../command.ts';
import { ask } from './ask.ts';
import { freePort } from './ports.ts';
import { until } from './until.ts';

export interface ProxyOptions {
  readonly endpoint: string;
  readonly checkout: string;
  readonly signal: AbortSignal;
}

/** The proxy under demonstration: a process of this checkout, with its log and data in a directory of its own. */
export class ProxyProcess {
  static readonly wishedPorts = { http: 18_080, admin: 18_081 };

  readonly httpPort: number;
  readonly adminPort: number;
  /** Aborted when the process has ended, with the end of its log as the reason. */
  readonly ended: AbortSignal;
  readonly #logFile: string;
  readonly #dir: string;
  readonly #child: ChildProcess;

  static async start({ endpoint, checkout, signal }: ProxyOptions): Promise<ProxyProcess> {
    const { http, admin } = ProxyProcess.wishedPorts;
    const proxy = new ProxyProcess(await freePort(http), await freePort(admin), endpoint, checkout);
    try {
      await until('the proxy is ready', AbortSignal.any([signal, proxy.ended]), async () => {
        return (await ask({ port: proxy.adminPort, path: '/readyz' })).status === 200 || undefined;
      });
    } catch (error) {
      await proxy.stop();
      throw error;
    }
    return proxy;
  }

  private constructor(httpPort: number, adminPort: number, endpoint: string, checkout: string) {
    this.httpPort = httpPort;
    this.adminPort = adminPort;
    this.#dir = mkdtempSync(join(tmpdir(), 'fairlead-demo-'));
    this.#logFile = join(this.#dir, 'proxy.log');
    const log = openSync(this.#logFile, 'a');
    // Settings of the caller's own proxy must not change what the demo shows.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FAIRLEAD_')));
    this.#child = spawn(
      process.execPath,
      [
        ...[join(checkout, 'src/main.ts'), 'serve'],
        ...['--http', `127.0.0.1:${httpPort}`, '--https', 'off', '--admin', `127.0.0.1:${adminPort}`],
        ...['--docker', endpoint, '--data', join(this.#dir, 'data')],
      ],
      // A session of its own: Ctrl-C must not end it before its containers are gone.
      { cwd: checkout, env, stdio: ['ignore', log, log], detached: true },
    );
    closeSync(log);
    const end = new AbortController();
    this.ended = end.signal;
    this.#child.on('error', (error) => end.abort(error));
    this.#child.on('exit', (code, signal) => {
      end.abort(new Error(`the proxy ended with ${code ?? signal}. The end of its log:\n${this.#logEnd()}`));
    });
  }

  /** Ends the proxy, by force after 10 s, and removes its files. */
  async stop(): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    this.#child.kill('SIGTERM');
    if (!this.ended.aborted) await once(this.ended, 'abort');
    clearTimeout(force);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #logEnd(): string {
    return lastLines(readFileSync(this.#logFile, 'utf8'), 10);
  }
}
