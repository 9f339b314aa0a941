import type { ControlView } from '../admin/control-view.ts';
import { EventFeed } from '../admin/event-feed.ts';
import { startAdmin } from '../admin/server.ts';
import { sharedProblems } from '../admin/shared-standing.ts';
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Settings } from '../cli/settings.ts';
import type { Container } from '../docker/container.ts';
import type { Snapshot } from '../docker/snapshot.ts';
import { watchEngines } from '../docker/watch-engines.ts';
import { defaultLimits, type Limits } from '../engine/limits.ts';
import type { Problem } from '../labels/problem.ts';
import type { BuiltTable } from '../routing/build.ts';
import type { CertificateSet } from '../tls/certificate-set.ts';
import type { RenewAnswer } from '../tls/renew-answer.ts';
import { affinityKey } from './affinity-key.ts';
import { openCertificateOffice } from './certificate-office.ts';
import { ChallengeDesk } from './challenge-desk.ts';
import { CrashTeller } from './crash-teller.ts';
import { DataPlaneProcess } from './data-plane-process.ts';
import { EjectionBook } from './ejection-book.ts';
import { EventTeller } from './event-teller.ts';
import { FailureBook } from './failure-book.ts';
import { HealthBook } from './health-book.ts';
import { readLimit } from './limit-reading.ts';
import { LogFiles } from './log-files.ts';
import { LogNames } from './log-names.ts';
import { MainLogFile } from './main-log-file.ts';
import type { ListenPlan, WorkerPlan } from './messages.ts';
import { PageShelf } from './page-shelf.ts';
import { claimPorts } from './port-claim.ts';
import { ProblemTeller } from './problem-teller.ts';
import { Publisher } from './publisher.ts';
import { RefReader } from './ref-reader.ts';
import { openSharedStore, purgeTimeoutMs } from './shared-store.ts';
import { SlowBook } from './slow-book.ts';
import { openTracing } from './tracing.ts';
import { TrafficHistory } from './traffic-history.ts';

/** How long requests may finish after SIGTERM. */
const shutdownGraceMs = 30_000;
/** What a disk has to take the last lines in. */
const logCloseMs = 1_000;
/** What a collector has to take the last spans in. */
const spansCloseMs = 3_000;
const sampleEveryMs = 1_000;
const trafficTimeoutMs = 250;

export interface ControlPlane {
  readonly view: ControlView;
  readonly ports: { readonly http: number | null; readonly https: number | null; readonly admin: number | null };
  /** Log files that were moved or removed are made anew; without it that takes up to two seconds. */
  reopenLogs(): void;
  /** Graceful: stops accepting, finishes what is in flight for 30 s, closes tunnels with 1001. */
  stop(): Promise<void>;
}

/**
 * Wires the rooms: engines → labels → routes → data plane, and the admin API over all of it.
 *
 * @throws PortUnavailable when a listener's address cannot be had, StoreFailure when the data directory cannot be used.
 */
export async function startControlPlane({ settings, log }: { settings: Settings; log: Log }): Promise<ControlPlane> {
  const clock = systemClock;
  const startedMs = clock.now();
  const { http, https } = await claimPorts(settings);
  const desk = new ChallengeDesk((version, answers) => dataPlane.showChallenges(version, answers));

  const events = new EventFeed(clock);
  const health = new HealthBook({ clock, log, onChange: (changes) => teller.checked(changes) });
  const teller = new EventTeller({ feed: events, clock, stateOf: (backend) => health.of(backend) });
  const logNames = new LogNames(settings.logDir);
  const mainPath = typeof settings.accessLog === 'object' ? settings.accessLog.file : null;
  const logFiles = new LogFiles({
    ...{ directory: settings.logDir, mainPath, names: logNames, log },
    monotonic: () => clock.monotonic(),
  });
  const failures = new FailureBook();
  const slow = new SlowBook();
  const ejections = new EjectionBook({
    ...{ clock, log, stateOf: (backend) => health.of(backend) },
    failureAt: (container, address) => failures.at(container, address),
  });
  const tracing = openTracing(settings, { clock, log });
  const mainLog = mainPath === null ? null : new MainLogFile(mainPath, () => dataPlane.reopenLog());
  const dataPlane = new DataPlaneProcess({
    plan: workerPlan({ settings, log }, [
      ...(http === null ? [] : [{ ...http, tls: false }]),
      ...(https === null ? [] : [{ ...https, tls: true }]),
    ]),
    workers: settings.workers,
    dataDir: settings.dataDir,
    log,
    onListening: () => log.info({ listening: dataPlane.status().listening }, 'listening'),
    onChallengesShown: (version) => desk.shown(version),
    onNameWanted: (name) => office?.keeper.want(name),
    onHealth: (news) => health.hear(news),
    async onLimit(takes, missed) {
      shared?.limits.missed(missed);
      return (await shared?.limits.take(takes)) ?? null;
    },
    onLog: (message) => {
      if (message.type === 'log') logFiles.write(message.file, message.bytes, message.lines);
      else logFiles.dropped(message.lines);
    },
    onFailures: (message) => {
      failures.hear(message);
      slow.hear(message);
    },
    onSpans: (message) => {
      if (message.type === 'spans') tracing?.take(message.bytes, message.spans);
      else tracing?.dropped(message.spans);
    },
    ...(mainLog === null ? {} : { openLog: () => mainLog.open() }),
    onDeath: () => health.restart(),
  });
  const publish = (set: CertificateSet): void => dataPlane.showCertificates(set);
  const onChange = (): void => teller.certificatesChanged(() => office?.keeper.views() ?? []);
  const shared = openSharedStore({ settings, dataPlane, board: desk, clock, log });
  const office =
    https === null
      ? null
      : await openCertificateOffice({
          settings,
          board: shared?.challenges ?? desk,
          publish,
          onChange,
          turns: shared?.turns ?? null,
          clock,
          log,
        });
  if (office !== null)
    shared?.certificates.serve({
      wanted: () => office.keeper.wantedOfIssuers(),
      offer: (held) => office.keeper.offer(held),
    });
  const certificateProblems = new ProblemTeller(log);
  const publisher = new Publisher({
    defaults: settings.defaults,
    lingerMs: settings.lingerMs,
    clock,
    log,
    refs: new RefReader(process.env),
    pages: new PageShelf(settings.pagesDir),
    logNames,
    publish: (built, swap) => {
      dataPlane.publish(built.table);
      teller.swapped(built, swap);
      if (office === null) return;
      office.keeper.update(built);
      certificateProblems.tell(office.keeper.problems());
    },
  });

  const crashes = new CrashTeller(log);
  let stoppingIds = new Set<string>();
  const onSnapshot = (snapshot: Snapshot): void => {
    const stopping = snapshot.containers.filter((container) => container.stopping).map(({ id }) => id);
    // Ahead of the table, which may be large: nothing new goes to a container from its stop signal on.
    for (const id of stopping) if (!stoppingIds.has(id)) dataPlane.withdraw(id);
    stoppingIds = new Set(stopping);
    publisher.update(snapshot);
    crashes.look(snapshot.containers, publisher.built, { nowMs: clock.monotonic(), complete: snapshot.complete });
  };
  const engines = watchEngines(settings.docker, {
    clock,
    log,
    graceMs: (container) => drainMs(publisher, container),
    onChange: onSnapshot,
  });

  const history = new TrafficHistory(clock.monotonic());
  const sampling = setInterval(() => {
    void dataPlane.numbers.sample(sampleEveryMs / 2).then(({ routes, ejected }) => {
      history.add(routes, { monotonicMs: clock.monotonic(), epochMs: clock.now() });
      teller.ejections(ejected, publisher.built);
      ejections.look(ejected, publisher.built);
    });
  }, sampleEveryMs);
  sampling.unref();

  const view: ControlView = {
    startedMs,
    snapshot: () => engines.snapshot(),
    built: () =>
      withProblems(publisher.built, [
        ...(office?.problems(publisher.built) ?? []),
        ...sharedProblems(shared?.standing() ?? null),
      ]),
    backendState: (backend) => health.of(backend),
    lastFailure: (backend) => ejections.lastFailure(backend),
    setDrained(containerId, drained) {
      // Ahead of the table, as with a stop signal.
      if (drained) dataPlane.withdraw(containerId);
      publisher.setDrained(containerId, drained);
      log.info(
        { containerId: containerId.slice(0, 12), drained },
        'an administrator drained a container, or took that back',
      );
    },
    dataPlane: () => dataPlane.status(),
    accessLog: () => ({ droppedLines: logFiles.droppedLines, warnings: logFiles.warnings }),
    tracing: () => tracing?.standing ?? null,
    traffic: () => dataPlane.numbers.traffic(trafficTimeoutMs),
    recent: (routeId) => history.recent(routeId, dataPlane.numbers.totalsOf(routeId), clock.monotonic()),
    history: (routeId) => history.history(routeId),
    failures,
    slow,
    certificates: () => office?.keeper.views() ?? [],
    isReady: (host) => office?.keeper.isReady(host) ?? false,
    renew: async (request) => office?.keeper.renew(request) ?? withoutHttps,
    async cache(rule) {
      if (rule === null) return dataPlane.cache(null, trafficTimeoutMs);
      const numbers = await dataPlane.cache(rule, purgeTimeoutMs);
      if (numbers === null || shared === null) return numbers;
      const { beforeMs: _, ...what } = rule;
      return { ...numbers, others: (await shared.purges.announce(what)) ? 'told' : 'later' };
    },
    limit: (question) => readLimit({ own: dataPlane.inquiry, shared: shared?.limits ?? null }, question),
    foresee: (question) => dataPlane.inquiry.foresee(question),
    store: () => shared?.standing() ?? null,
    events,
    internalRoot: () => office?.rootPem() ?? null,
  };
  const stop = async (): Promise<void> => {
    clearInterval(sampling);
    engines.close();
    publisher.close();
    teller.close();
    await Promise.all([office?.close(), dataPlane.drain(shutdownGraceMs)]);
    // Behind the office, which leaves its turns there.
    shared?.close();
    mainLog?.close();
    await Promise.all([logFiles.close(logCloseMs), tracing?.close(spansCloseMs)]);
  };
  try {
    // Before anything is served: a second proxy with the same data directory must not take connections and then leave.
    const admin = await startAdmin({ settings: { ...settings, https }, view, log });
    dataPlane.start();
    shared?.start();
    return {
      view,
      reopenLogs() {
        log.info({}, 'SIGHUP: log files are opened anew');
        mainLog?.look();
        logFiles.reopen();
      },
      ports: { http: http?.port ?? null, https: https?.port ?? null, admin: admin.port },
      async stop() {
        await stop();
        events.close();
        await admin.close();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What keeps hosts from their certificates is told where labels' mistakes are. */
function withProblems(built: BuiltTable, more: readonly Problem[]): BuiltTable {
  return more.length === 0 ? built : { ...built, problems: [...built.problems, ...more] };
}

const withoutHttps: RenewAnswer = {
  kind: 'nothing-to-order',
  why: 'FAIRLEAD_HTTPS is off, so nobody would be shown a certificate',
};

function workerPlan({ settings, log }: { settings: Settings; log: Log }, listen: readonly ListenPlan[]): WorkerPlan {
  return {
    engine: settings.engine,
    listen,
    trusted: settings.trusted,
    affinityKey: affinityKey(settings.dataDir, (why) =>
      log.warn({ why }, 'the key of sticky cookies cannot be kept: at a restart clients are spread anew'),
    ),
    unknownHost: settings.unknownHost,
    limits: limitsOf(settings),
    cache: { directory: null, bytesMax: settings.cacheBytesMax, inactiveMs: settings.cacheInactiveMs },
    traceSample: settings.tracing === null ? null : settings.otlpSample,
    limitsShared: settings.store !== null,
    accessLogFd: settings.accessLog === 'off' ? null : settings.accessLog === 'stdout' ? 1 : 'relay',
    accessLogFormat: settings.accessLogFormat,
    logLevel: settings.logLevel,
    logFormat: settings.logFormat,
  };
}

function limitsOf(settings: Settings): Limits {
  const names = Object.keys(defaultLimits) as (keyof Limits)[];
  return Object.fromEntries(names.map((name) => [name, settings[name]])) as unknown as Limits;
}

/** How long a container may take to leave after its stop signal before it counts as a survivor. */
function drainMs(publisher: Publisher, container: Container): number {
  const drains = publisher.read(container).specs.map((spec) => spec.options.drain);
  return drains.length === 0 ? 30_000 : Math.max(...drains);
}
