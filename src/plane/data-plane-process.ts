import { type ChildProcess, fork } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { DataPlaneStatus } from '../admin/control-view.ts';
import type { Log } from '../base/log.ts';
import type { CacheNumbers } from '../cache/cache-numbers.ts';
import type { PurgeRule } from '../cache/purge.ts';
import { hostAndPort } from '../http/authority.ts';
import type { RouteTable } from '../routing/table.ts';
import type { ChallengeAnswer } from '../tls/acme/challenge.ts';
import { type CertificateSet, withoutKnown as withoutKnownCertificates } from '../tls/certificate-set.ts';
import { type CachePlace, openCachePlace } from './cache-place.ts';
import type { DataPlaneEvents, DataPlaneOptions } from './data-plane-options.ts';
import { handOver, nodeArgs, publicEnvironment } from './hand-over.ts';
import { Inquiry } from './inquiry.ts';
import type { FromDataPlane, ToDataPlane, WorkerPlan } from './messages.ts';
import { siblingModule } from './module-url.ts';
import { type PackedTable, withoutKnown } from './packed-table.ts';
import { leastPrivileges, nobody, type Privileges } from './privileges.ts';
import { Questions } from './questions.ts';
import { RestartPace } from './restart-pace.ts';
import { TablePacker } from './table-packer.ts';
import { TrafficLedger } from './traffic-ledger.ts';
import { TrafficNumbers } from './traffic-numbers.ts';

/**
 * The data plane as the control plane sees it: a child process that is started with the least rights, told everything
 * again when it had to be restarted, and asked for its numbers.
 */
export class DataPlaneProcess {
  readonly #plan: WorkerPlan;
  readonly #workers: number;
  readonly #log: Log;
  readonly #events: DataPlaneEvents;
  readonly #openLog: (() => number | null) | null;
  #privileges: Privileges;
  #child: ChildProcess | null = null;
  readonly #ledger = new TrafficLedger();
  readonly numbers = new TrafficNumbers(this.#ledger, {
    isThere: () => this.#child !== null,
    send: (message) => this.#send(message),
  });
  readonly #packer = new TablePacker(this.#ledger);
  /** Sent to the child, whole if it was started since. */
  #table: PackedTable | null = null;
  #certificates: CertificateSet | null = null;
  #challenges: Extract<ToDataPlane, { type: 'challenges' }> | null = null;
  #stopping: (() => void) | null = null;
  readonly #pace = new RestartPace();
  #restarts = { workers: 0, dataPlane: 0 };
  #listening = false;
  #appliedVersion = 0;
  readonly #cacheAsks = new Questions<CacheNumbers>();
  readonly inquiry = new Inquiry((message) => this.#send(message));

  /** null = the cache is in memory alone. */
  readonly #cachePlace: CachePlace | null;

  constructor(options: DataPlaneOptions) {
    this.#openLog = options.openLog ?? null;
    this.#plan = options.plan;
    this.#workers = options.workers;
    this.#log = options.log;
    this.#events = options;
    const ports = options.plan.listen.map(({ port }) => port);
    this.#privileges = leastPrivileges(ports, siblingModule('data-plane', import.meta.url));
    for (const warning of this.#privileges.warnings) this.#log.warn({}, warning);
    this.#cachePlace = options.dataDir === null ? null : this.#openCache(options.dataDir);
  }

  #openCache(dataDir: string): CachePlace | null {
    const { account, wrapper } = this.#privileges;
    try {
      return openCachePlace(dataDir, wrapper === null ? account.uid : nobody);
    } catch (error) {
      this.#log.warn({ err: error }, 'the cache has no place on disk, and is in memory alone');
      return null;
    }
  }

  publish(table: RouteTable): void {
    const before = this.#table;
    this.#table = this.#packer.pack(table);
    this.#ledger.tidy(table);
    this.#send({ type: 'table', table: withoutKnown(this.#table, before) });
  }

  showCertificates(set: CertificateSet): void {
    const before = this.#certificates;
    this.#certificates = set;
    this.#send({ type: 'certificates', set: withoutKnownCertificates(set, before) });
  }

  /** `onChallengesShown` says when every worker answers them. */
  showChallenges(version: number, answers: readonly ChallengeAnswer[]): void {
    this.#challenges = { type: 'challenges', version, answers };
    this.#send(this.#challenges);
  }

  withdraw(containerId: string): void {
    this.#send({ type: 'withdraw', containerId });
  }

  /** The file of the access log has moved: its lines come by `onLog` until the data plane is started again. */
  reopenLog(): void {
    this.#send({ type: 'reopen-log' });
  }

  status(): DataPlaneStatus {
    const listening = this.#plan.listen.map(
      ({ host, port, tls }) => `http${tls ? 's' : ''}://${hostAndPort(host ?? '*', port)}`,
    );
    return {
      pid: this.#child?.pid ?? null,
      workers: this.#workers,
      engine: this.#plan.engine,
      listening: this.#listening ? listening : [],
      appliedVersion: this.#appliedVersion,
      restarts: { ...this.#restarts },
      warnings: this.#privileges.warnings,
    };
  }

  /**
   * What the cache holds, once it has dropped what the rule is about.
   *
   * @returns null where the data plane does not answer.
   */
  async cache(rule: PurgeRule | null, timeoutMs: number): Promise<CacheNumbers | null> {
    if (this.#child === null) return null;
    return this.#cacheAsks.ask(timeoutMs, (ask) => this.#send({ type: 'cache', ask, rule }));
  }

  /** Stops accepting, lets requests finish for `graceMs`, then ends the process. */
  drain(graceMs: number): Promise<void> {
    const child = this.#child;
    if (child === null) {
      // It has died, and would be started again after a pause.
      this.#stopping = () => {};
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs + 2_000);
      this.#stopping = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#send({ type: 'drain', graceMs });
    });
  }

  /** Begins to serve, at first and after a death; until then nothing of it exists. */
  start(): void {
    const { account, wrapper } = this.#privileges;
    const opened = this.#openLog?.() ?? null;
    const wanted = this.#openLog === null ? this.#plan : { ...this.#plan, accessLogFd: opened ?? ('relay' as const) };
    const { descriptors, plan } = handOver(wanted, this.#cachePlace);
    const child = fork(siblingModule('data-plane', import.meta.url), [], {
      ...account,
      execPath: wrapper?.path ?? process.execPath,
      execArgv: wrapper === null ? nodeArgs : [...wrapper.args, process.execPath, ...nodeArgs],
      serialization: 'advanced',
      env: { ...publicEnvironment(), FAIRLEAD_PLANE: 'data' },
      // Access log and cache were opened by us, so that the data plane needs no right to the disk.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...descriptors],
    });
    // The child has its own by now, and a file that is removed should be gone.
    if (opened !== null) closeSync(opened);
    const startedMs = performance.now();
    this.#child = child;
    this.#listening = false;
    child.on('message', (message: FromDataPlane) => this.#hear(message));
    child.on('error', (error: NodeJS.ErrnoException) => this.#onStartFailure(error));
    child.on('exit', (code, signal) => this.#onExit(child, startedMs, signal ?? `exit code ${code}`));
    this.#send({ type: 'start', workers: this.#workers, plan });
    if (this.#table !== null) this.#send({ type: 'table', table: this.#table });
    if (this.#certificates !== null) this.#send({ type: 'certificates', set: this.#certificates });
    if (this.#challenges !== null) this.#send(this.#challenges);
  }

  #send(message: ToDataPlane): void {
    // A child that is just dying refuses; its successor is told everything.
    if (this.#child?.connected) this.#child.send(message, () => {});
  }

  #hear(message: FromDataPlane): void {
    switch (message.type) {
      case 'listening':
        this.#listening = true;
        this.#events.onListening();
        break;
      case 'applied':
        this.#appliedVersion = message.version;
        break;
      case 'challenges-shown':
        this.#events.onChallengesShown(message.version);
        break;
      case 'name-wanted':
        this.#events.onNameWanted(message.name);
        break;
      case 'health':
        this.#events.onHealth(message.news);
        break;
      case 'traffic':
        this.numbers.hear(message);
        break;
      case 'cache':
        this.#cacheAsks.answer(message.ask, message.numbers);
        break;
      case 'backlog':
      case 'foresights':
        this.inquiry.hear(message);
        break;
      case 'limit': {
        const { worker, ask, takes, missed } = message;
        const tell = (backlogsMs: readonly number[] | null) => this.#send({ type: 'limit', worker, ask, backlogsMs });
        void this.#events.onLimit(takes, missed).then(tell);
        break;
      }
      case 'log':
      case 'log-dropped':
        this.#events.onLog(message);
        break;
      case 'failures':
        this.#events.onFailures(message);
        break;
      case 'spans':
      case 'spans-dropped':
        this.#events.onSpans?.(message);
        break;
      case 'cache-unusable':
        this.#log.warn({ cause: message.cause }, 'the cache has no place on disk, and is in memory alone');
        break;
      case 'worker-restarted':
        this.#restarts.workers++;
        this.#log.error(
          { cause: message.cause },
          'a worker died and is restarted; its connections are lost, the others go on',
        );
        break;
      default:
        message satisfies never;
    }
  }

  /** A container without CAP_SETUID cannot give the child another user: say so once, and go on. */
  #onStartFailure(error: NodeJS.ErrnoException): void {
    if (error.code !== 'EPERM' && error.code !== 'EACCES' && error.code !== 'ENOENT') {
      this.#log.error({ err: error }, 'the data plane could not be started');
      return;
    }
    const why = `the data plane keeps this process's rights: starting it as user nobody failed (${error.code}); allow the capabilities SETUID and SETGID`;
    this.#privileges = { account: {}, wrapper: null, warnings: [why] };
    this.#log.warn({}, why);
    if (this.#child?.pid === undefined) this.start();
  }

  #onExit(child: ChildProcess, startedMs: number, cause: string): void {
    if (child !== this.#child) return;
    this.#child = null;
    this.#listening = false;
    this.#appliedVersion = 0;
    this.#ledger.restart();
    for (const asked of [this.numbers, this.#cacheAsks, this.inquiry]) asked.giveUp();
    this.#events.onDeath();
    if (this.#stopping !== null) {
      // The last lines of its logs may still be on their way.
      if (child.connected) child.once('disconnect', this.#stopping);
      else this.#stopping();
      return;
    }
    this.#restarts.dataPlane++;
    const pauseMs = this.#pace.pauseMs(performance.now() - startedMs);
    this.#log.error({ cause, pauseMs }, 'the data plane died and is restarted');
    setTimeout(() => {
      if (this.#stopping === null) this.start();
    }, pauseMs);
  }
}
