/** A worker thread of the data plane: one engine, one set of peers, one table cell. It shares the port and what it counts, nothing else. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { createLog } from '../base/log.ts';
import { ThreadCounters } from '../base/shared-counters.ts';
import { createH1Engine } from '../engine/h1/engine.ts';
import { createNodeEngine } from '../engine/node/engine.ts';
import { TrustedNetworks } from '../http/forwarded.ts';
import { failureAnswer } from '../http/own-answer.ts';
import { newRequestId } from '../http/request-id.ts';
import type { Listener } from '../http/transport.ts';
import { AccessLog } from '../proxy/access-log.ts';
import { ConnectionCounters, connectionCounterShape } from '../proxy/connection-counters.ts';
import { foresee } from '../proxy/foresight.ts';
import { proxyHandler } from '../proxy/handle.ts';
import { routeCounterShape } from '../proxy/route-counters.ts';
import { TableCell } from '../proxy/table-cell.ts';
import { Tracer } from '../proxy/tracer.ts';
import { Tunnels } from '../proxy/tunnels.ts';
import { type CertificateSet, withKnown } from '../tls/certificate-set.ts';
import { Identities } from '../tls/identities.ts';
import { Ejections } from '../upstream/ejections.ts';
import { peerCounterShape } from '../upstream/peer-counters.ts';
import { Peers } from '../upstream/peers.ts';
import { WaitingRoom } from '../upstream/waiting-room.ts';
import { AccessLogs } from './access-logs.ts';
import { Doorkeeper } from './doorkeeper.ts';
import { FailureTeller } from './failure-teller.ts';
import { LimitDesk } from './limit-desk.ts';
import type { FromWorker, ToWorker, WorkerSeat } from './messages.ts';
import { SpanPost } from './span-post.ts';
import { workerStepWorld } from './step-world.ts';
import { TableReceiver } from './table-receiver.ts';
import { workerCache } from './worker-cache.ts';

/** What a disk has to take the last lines in. */
const logCloseMs = 1_000;

const seat = workerData as WorkerSeat;
const { plan, counters, number } = seat;
const control = parentPort as NonNullable<typeof parentPort>;
const say = (message: FromWorker): void => control.postMessage(message);

const engine = plan.engine === 'h1' ? createH1Engine(plan.limits) : createNodeEngine(plan.limits);
// Counted from the start of the process in every thread, so that workers can tell each other when.
const monotonic = (): number => performance.now();
const peers = new Peers(engine.upstream, {
  counters: new ThreadCounters(peerCounterShape, counters.peers, number, counters.peerTurns),
  ejections: new Ejections(counters.ejections),
  monotonic,
});
const picking = { affinityKey: plan.affinityKey, monotonic, random: Math.random };
const asking = { clock: systemClock, say, later: setImmediate, random: Math.random };
const limits = plan.limitsShared ? new LimitDesk(asking) : null;
const stepWorld = workerStepWorld(seat, engine.upstream, limits);
const cell = new TableCell(peers, picking, stepWorld, new ThreadCounters(routeCounterShape, counters.routes, number));
const tunnels = new Tunnels(systemClock);
const waiting = new WaitingRoom({ clock: systemClock });
peers.onAvailable = () => waiting.look();
const counts = new ConnectionCounters(new ThreadCounters(connectionCounterShape, counters.connections, number));
const access = new AccessLogs(plan.accessLogFd, {
  relay(file, batch, lines) {
    // Of its own size: what is passed on is passed on whole.
    const bytes = new Uint8Array(batch);
    control.postMessage({ type: 'log', file, bytes, lines } satisfies FromWorker, [bytes.buffer]);
  },
  dropped: (lines) => say({ type: 'log-dropped', lines }),
});
const now = (): number => Date.now();
const failures = new FailureTeller({ clock: systemClock, say });

const post =
  plan.traceSample === null
    ? null
    : new SpanPost({
        relay(batch, spans) {
          const bytes = new Uint8Array(batch);
          control.postMessage({ type: 'spans', bytes, spans } satisfies FromWorker, [bytes.buffer]);
        },
        dropped: (spans) => say({ type: 'spans-dropped', spans }),
      });
const tracing = { sample: plan.traceSample ?? 0, now, monotonic, random: Math.random };
const tracer = post === null ? null : new Tracer({ ...tracing, write: (span) => post.write(span) });

const log = createLog({ level: plan.logLevel, format: plan.logFormat });
const trusted = new TrustedNetworks(plan.trusted);
const doorkeeper = new Doorkeeper({ seat, connections: counts, trusted, log, monotonic });

const identities = new Identities((name) => say({ type: 'name-wanted', name }));
let certificates: CertificateSet | null = null;
const httpsPort = plan.listen.find(({ tls }) => tls)?.port ?? null;

const desk = workerCache(seat, (key) => say({ type: 'cache-void', key }));

const handler = proxyHandler({
  cell,
  peers,
  waiting,
  upstream: engine.upstream,
  tunnel: engine.tunnel,
  tunnels,
  trusted,
  unknownHost: plan.unknownHost,
  certificates: {
    httpsPort,
    isReady: (host) => identities.isReady(host),
    keyAuthorization: (host, token) => identities.keyAuthorization(host, token),
  },
  cache: desk,
  accessLog: new AccessLog(access, now, plan.accessLogFormat),
  failures,
  tracer,
  log,
  counts,
  clock: systemClock,
  now,
  monotonic,
});

const receiver = new TableReceiver({
  begin: (version) => cell.begin(version),
  withdraw: (containerId) => peers.withdraw(containerId),
  onApplied: (version) => say({ type: 'applied', version }),
  monotonic,
});
const listeners: Listener[] = [];
let { ticketKeys } = seat;

control.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'table':
      receiver.receive(message.table);
      break;
    case 'certificates':
      certificates = withKnown(message.set, certificates);
      identities.take(certificates);
      break;
    case 'challenges':
      identities.takeChallenges(message.answers);
      say({ type: 'challenges-shown', version: message.version });
      break;
    case 'gates':
      peers.admit(message.gates);
      break;
    case 'tickets':
      ticketKeys = message.ticketKeys;
      for (const listener of listeners) listener.sealTickets(ticketKeys);
      break;
    case 'withdraw':
      receiver.withdraw(message.containerId);
      break;
    case 'cache-void':
      desk.invalidate(message.key, 'here');
      break;
    case 'cache': {
      const { ask, rule } = message;
      const purged = rule === null ? 0 : desk.purge(rule);
      say({ type: 'cache', ask, purged, bytes: desk.cache.memoryBytes, entries: desk.cache.memoryEntries });
      break;
    }
    case 'foresee':
      void answerForesight(message);
      break;
    case 'limit':
      limits?.answered(message.ask, message.backlogsMs);
      break;
    case 'look':
      counts.looked(listeners.map((listener) => listener.activity()));
      say({ type: 'looked' });
      break;
    case 'log-taken':
      access.taken(message.bytes);
      break;
    case 'spans-taken':
      post?.taken(message.bytes);
      break;
    case 'reopen-log':
      void access.reopen().then(() => say({ type: 'log-released' }));
      break;
    case 'drain':
      void drain(message.graceMs);
      break;
    default:
      message satisfies never;
  }
});

for (const { host, port, tls } of plan.listen) {
  listeners.push(
    await engine.listen({
      host,
      port,
      reusePort: true,
      limits: plan.limits,
      ...(tls ? { tls: { decide: (hello) => identities.decide(hello), ticketKeys } } : {}),
      admission: doorkeeper.census,
      onRefused: (why) => doorkeeper.refused(why),
      handler,
      refuse: (failure, { accept }) =>
        failureAnswer(failure.reason, { requestId: newRequestId(), accept, nowMs: now() }),
    }),
  );
}
say({ type: 'listening' });

async function answerForesight({ ask, question }: Extract<ToWorker, { type: 'foresee' }>): Promise<void> {
  const foresight = await foresee({ cell, cache: desk, now, monotonic }, question).catch((error: unknown) => {
    log.error({ err: error }, 'what would become of a request cannot be said');
    return null;
  });
  say({ type: 'foresight', ask, foresight });
}

async function drain(graceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const listener of listeners) listener.close();
  }, graceMs);
  const drained = listeners.map((listener) => listener.drain());
  // A tunnel would keep its listener from ever draining; 1001 tells a WebSocket client to come back (RFC 6455 §7.4.1).
  tunnels.closeAll();
  await Promise.all(drained);
  clearTimeout(cut);
  engine.upstream.close();
  identities.close();
  failures.hand();
  post?.close();
  await access.close(logCloseMs);
  say({ type: 'drained' });
}
