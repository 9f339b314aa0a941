/**
 * The data plane's main thread: keeps the workers alive, passes messages and checks the backends' health. It runs as an unprivileged process without the
 * Docker socket and serves no traffic itself, so that nothing a client sends can block it.
 */
import { systemClock } from '../base/clock.ts';
import { censusMemory } from '../engine/census.ts';
import { type CertificateSet, withKnown as withKnownCertificates } from '../tls/certificate-set.ts';
import { CacheKeeper } from './cache-keeper.ts';
import { FailurePassage } from './failure-passage.ts';
import { probe } from './health-probe.ts';
import { HealthWatch } from './health-watch.ts';
import { LogPassage } from './log-passage.ts';
import { LookAhead } from './look-ahead.ts';
import { LookRound } from './look-round.ts';
import type { FromDataPlane, FromWorker, ToDataPlane, ToWorker } from './messages.ts';
import { type PackedTable, withKnown } from './packed-table.ts';
import { PlaneCounters } from './plane-counters.ts';
import { newTicketKeys, ticketKeysLifeMs } from './ticket-keys.ts';
import { WorkerKeeper } from './worker-keeper.ts';

const say = (message: FromDataPlane): void => {
  if (process.connected) process.send?.(message);
};

/** @param taken is called when the message was, or when nobody is there any more who would. */
function sayTaken(message: FromDataPlane, taken: () => void): void {
  if (process.connected && process.send !== undefined) process.send(message, undefined, undefined, taken);
  else taken();
}

let table: PackedTable | null = null;
let certificates: CertificateSet | null = null;
let challenges: Extract<ToWorker, { type: 'challenges' }> | null = null;
const health = new HealthWatch({
  clock: systemClock,
  random: Math.random,
  probe,
  onGates: (gates) => toWorkers({ type: 'gates', gates }),
  onNews: tellHealth,
});
let ticketKeys = newTicketKeys();
let draining = false;
const logs = new LogPassage<WorkerKeeper>(sayTaken);
const failures = new FailurePassage(sayTaken);
let keepers: WorkerKeeper[] = [];
let counters: PlaneCounters | null = null;
let cache: CacheKeeper | null = null;
let ahead: LookAhead | null = null;
const looks = new LookRound(() => keepers);

function start({ plan: wanted, workers }: Extract<ToDataPlane, { type: 'start' }>): void {
  cache = new CacheKeeper(wanted.cache, systemClock);
  const cause = cache.start();
  if (cause !== null) say({ type: 'cache-unusable', cause });
  const plan = cause === null ? wanted : { ...wanted, cache: { ...wanted.cache, directory: null } };
  logs.open(plan.accessLogFd);
  const { diskUsage, fetchLocks } = cache;
  const census = censusMemory(workers);
  ahead = new LookAhead(systemClock, { workers });
  const { buckets } = ahead;
  const counting = new PlaneCounters(workers);
  counters = counting;
  const shared = { census, buckets, counters: counting.memory, diskUsage, fetchLocks, workers };
  const world = {
    seat: (keeper: WorkerKeeper) => {
      const { number } = keeper;
      return { ...shared, plan: logs.planFor(keeper, plan), number, ticketKeys };
    },
    told,
    onMessage: fromWorker,
    onExit: (keeper: WorkerKeeper, exitCause: string): boolean => {
      logs.release(keeper);
      counting.retire(keeper.number);
      cache?.forget(keeper.number);
      looks.seen();
      if (draining) {
        keeper.drained = true;
        leaveWhenDrained();
      } else say({ type: 'worker-restarted', cause: exitCause });
      return !draining;
    },
  };
  keepers = Array.from({ length: workers }, (_, number) => new WorkerKeeper(number, world));
}

function told(): readonly ToWorker[] {
  return [
    ...(table === null ? [] : [{ type: 'table', table } as const]),
    { type: 'gates', gates: health.gates() },
    ...(certificates === null ? [] : [{ type: 'certificates', set: certificates } as const]),
    ...(challenges === null ? [] : [challenges]),
  ];
}

function fromWorker(keeper: WorkerKeeper, message: FromWorker): void {
  switch (message.type) {
    case 'listening':
      keeper.listening = true;
      if (keepers.every(({ listening }) => listening)) say({ type: 'listening' });
      break;
    case 'applied':
      keeper.appliedVersion = message.version;
      if (keepers.every(({ appliedVersion }) => appliedVersion >= message.version)) say(message);
      break;
    case 'challenges-shown':
      keeper.challengesVersion = message.version;
      if (keepers.every(({ challengesVersion }) => challengesVersion >= message.version)) say(message);
      break;
    case 'name-wanted':
    case 'log-dropped':
    case 'spans-dropped':
      say(message);
      break;
    case 'cache-void':
      for (const other of keepers) if (other !== keeper) other.send(message);
      break;
    case 'cache':
      cache?.answered(message);
      break;
    case 'limit':
      say({ ...message, worker: keeper.number });
      break;
    case 'log':
    case 'spans':
      logs.pass(message, () => {
        keeper.send({ type: `${message.type}-taken`, bytes: message.bytes.length });
        leaveWhenDrained();
      });
      break;
    case 'failures':
      failures.pass(message);
      break;
    case 'log-released':
      logs.release(keeper);
      break;
    case 'looked':
      keeper.looking = false;
      looks.seen();
      break;
    case 'foresight':
      ahead?.heard(message);
      break;
    case 'drained':
      keeper.drained = true;
      leaveWhenDrained();
      break;
    default:
      message satisfies never;
  }
}

/** From shared memory: of a worker that is stuck everything is known but what its connections are busy with. */
function report({ ask, places, activity }: Extract<ToDataPlane, { type: 'traffic' }>): void {
  const tell = (): void => {
    tellHealth();
    if (counters !== null) say({ type: 'traffic', ask, report: counters.report(places) });
  };
  if (activity === 'stale') tell();
  else looks.begin(tell);
}

function tellHealth(): void {
  const news = health.news();
  if (news.length > 0) say({ type: 'health', news });
}

function leaveWhenDrained(): void {
  if (draining && logs.isIdle && keepers.every(({ drained }) => drained)) process.exit(0);
}

function toWorkers(message: ToWorker): void {
  for (const keeper of keepers) keeper.send(message);
}

process.on('message', (message: ToDataPlane) => {
  switch (message.type) {
    case 'start':
      start(message);
      return;
    case 'table':
      table = withKnown(message.table, table);
      // First to the workers: what the checks find belongs to it.
      toWorkers(message);
      health.take(table);
      return;
    case 'certificates':
      certificates = withKnownCertificates(message.set, certificates);
      break;
    case 'challenges':
      challenges = message;
      break;
    case 'traffic':
      report(message);
      return;
    case 'cache':
      void cache
        ?.ask(message.ask, message.rule, keepers.length, () => toWorkers(message))
        .then((numbers) => say({ type: 'cache', ask: message.ask, numbers }));
      return;
    case 'foresee':
    case 'backlog':
      void ahead?.answer(message, toWorkers).then(say);
      return;
    case 'limit': {
      const { worker, ask, backlogsMs } = message;
      keepers[worker]?.send({ type: 'limit', ask, backlogsMs });
      return;
    }
    case 'drain':
      draining = true;
      health.close();
      setTimeout(() => process.exit(0), message.graceMs + 1_000).unref();
      break;
    case 'reopen-log':
      logs.reopen();
      break;
    case 'withdraw':
      break;
    default:
      message satisfies never;
  }
  toWorkers(message);
});

setInterval(() => {
  ticketKeys = newTicketKeys();
  toWorkers({ type: 'tickets', ticketKeys });
}, ticketKeysLifeMs).unref();

// Ctrl-C reaches the whole process group; when to leave is the control plane's decision.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('SIGHUP', () => {});
// Without a control plane nobody would ever tell us of a change: finish what is in flight and give the ports back.
process.on('disconnect', () => {
  draining = true;
  toWorkers({ type: 'drain', graceMs: 5_000 });
  setTimeout(() => process.exit(1), 6_000).unref();
});
