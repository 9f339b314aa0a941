import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { AdminSettings } from '../../src/admin/admin-context.ts';
import type { ControlView, DataPlaneStatus } from '../../src/admin/control-view.ts';
import { EventFeed } from '../../src/admin/event-feed.ts';
import type { RouteHistory } from '../../src/admin/live/live-view.ts';
import { startAdmin } from '../../src/admin/server.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { createLog } from '../../src/base/log.ts';
import type { Container } from '../../src/docker/container.ts';
import type { EngineStatus, Place } from '../../src/docker/snapshot.ts';
import { defaultListenerLimits } from '../../src/http/transport.ts';
import { readDefaults } from '../../src/labels/defaults.ts';
import { readLabels } from '../../src/labels/read-labels.ts';
import { noRecentTraffic, type RecentTraffic, type Traffic } from '../../src/proxy/traffic.ts';
import { buildTable } from '../../src/routing/build.ts';
import type { CertificateView } from '../../src/tls/certificate-view.ts';
import type { RenewAnswer, RenewRequest } from '../../src/tls/renew-answer.ts';
import { container, engine, onHost } from '../routing/builders.ts';

const noTraffic: Traffic = {
  connections: { active: 0, accepted: 0, handled: 0, requests: 0, reading: 0, writing: 0, waiting: 0 },
  routes: {},
  peers: {},
  ejected: new Set(),
};

const noHistory: RouteHistory = {
  ...{ at: [], perSecond: [], p50: [], p95: [], p99: [] },
  ...{ s2xx: [], s3xx: [], s4xx: [], s5xx: [] },
};

export interface ViewText {
  readonly containers?: readonly Container[];
  readonly engines?: readonly EngineStatus[];
  readonly complete?: boolean;
  readonly place?: Place;
  readonly env?: Readonly<Record<string, string>>;
  readonly traffic?: Traffic;
  /** By route id. */
  readonly recent?: Readonly<Record<string, RecentTraffic>>;
  readonly history?: ControlView['history'];
  readonly failures?: ControlView['failures'];
  readonly slow?: ControlView['slow'];
  /** What the table says where nothing else is said: every check has passed. */
  readonly backendState?: ControlView['backendState'];
  readonly lastFailure?: ControlView['lastFailure'];
  readonly setDrained?: ControlView['setDrained'];
  readonly accessLog?: ControlView['accessLog'];
  readonly tracing?: ControlView['tracing'];
  readonly dataPlane?: Partial<DataPlaneStatus>;
  readonly certificates?: readonly CertificateView[];
  /** Default: where a certificate of that very name has an end. */
  readonly isReady?: ControlView['isReady'];
  readonly renew?: (request: RenewRequest) => Promise<RenewAnswer>;
  readonly events?: EventFeed;
  readonly internalRoot?: string;
  readonly cache?: ControlView['cache'];
  readonly limit?: ControlView['limit'];
  readonly foresee?: ControlView['foresee'];
  readonly store?: ControlView['store'];
  /** Of the admin API. */
  readonly clock?: Clock;
}

/** A container with these labels; only what matters to the test. */
export function labelledContainer(labels: Readonly<Record<string, string>>, about: Partial<Container> = {}): Container {
  return container({ labels, ...about });
}

/** A certificate that is in use; only what matters to the test. */
export function certificate(about: Partial<CertificateView> = {}): CertificateView {
  return {
    ...{ names: ['app.example.com'], mode: 'acme', state: 'valid', why: '', issuer: 'R11' },
    ...{ notBefore: '2026-11-01T00:00:00.000Z', notAfter: '2027-01-30T00:00:00.000Z' },
    ...{ nextAttempt: '2026-12-31T12:30:00.000Z', failures: 0, problem: null, routes: ['app.example.com/'] },
    ...about,
  };
}

const asTheTable: ControlView['backendState'] = ({ state, reason }) => ({ state, reason });

/** A control plane that is ready and knows these containers; the table is made by the real rooms. */
export function view(about: ViewText = {}): ControlView {
  const { containers = [], engines = [engine()], complete = true, place = onHost, env = {} } = about;
  const { defaults } = readDefaults(env);
  const readings = containers.map((one) => ({ container: one, reading: readLabels(one, defaults) }));
  const built = buildTable({ version: 7, readings, place, engines, containers });
  return {
    startedMs: Date.now() - 60_000,
    snapshot: () => ({ containers, engines, place, complete }),
    built: () => built,
    backendState: about.backendState ?? asTheTable,
    lastFailure: about.lastFailure ?? (() => null),
    setDrained: about.setDrained ?? (() => {}),
    accessLog: about.accessLog ?? (() => ({ droppedLines: 0, warnings: [] })),
    tracing: about.tracing ?? (() => null),
    dataPlane: () => ({
      ...{ pid: 4711, workers: 2, engine: 'h1', listening: ['http://*:80'], appliedVersion: 7 },
      ...{ restarts: { workers: 0, dataPlane: 0 }, warnings: [] },
      ...about.dataPlane,
    }),
    traffic: async () => about.traffic ?? noTraffic,
    recent: (id) => about.recent?.[id] ?? noRecentTraffic,
    history: about.history ?? (() => noHistory),
    failures: about.failures ?? { of: () => [], untold: 0 },
    slow: about.slow ?? { of: () => [] },
    certificates: () => about.certificates ?? [],
    isReady:
      about.isReady ??
      ((host) => (about.certificates ?? []).some(({ names, notAfter }) => notAfter !== null && names.includes(host))),
    renew: about.renew ?? (async () => ({ kind: 'no-certificate' })),
    cache: about.cache ?? (async () => null),
    limit: about.limit ?? (async () => null),
    foresee: about.foresee ?? (async () => null),
    store: about.store ?? (() => null),
    events: about.events ?? new EventFeed(systemClock),
    internalRoot: () => about.internalRoot ?? null,
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  json<T>(): T;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Through the unix socket. */
  readonly socket?: boolean;
  readonly body?: string;
}

/** Of an admin API on its socket alone, without a token and HTTPS, where nothing else is said. */
export function adminSettings(about: Partial<AdminSettings> & Pick<AdminSettings, 'dataDir'>): AdminSettings {
  return {
    ...{ admin: null, adminToken: null, unknownHost: 'close', lingerMs: 60_000, http: {}, https: null },
    // How requests are read that somebody wonders about.
    ...{ trusted: [], ...defaultListenerLimits },
    ...about,
  };
}

/** An admin server over a view, closed with the test. */
export async function adminOver(t: TestContext, about: ViewText = {}, settings: Partial<AdminSettings> = {}) {
  const dataDir = temporaryDirectory(t);
  const admin = await startAdmin({
    settings: adminSettings({ dataDir, admin: { host: '127.0.0.1', port: 0 }, https: { port: 443 }, ...settings }),
    view: view(about),
    ...(about.clock === undefined ? {} : { clock: about.clock }),
    log: createLog({ level: 'silent', format: 'json' }),
  });
  t.after(() => admin.close());
  const ask = (
    path: string,
    { method = 'GET', headers = {}, socket = false, body }: AskOptions = {},
  ): Promise<Answer> => {
    assert.ok(socket || admin.port !== null);
    const to = socket ? { socketPath: admin.socket } : { host: '127.0.0.1', port: admin.port as number };
    return new Promise((resolve, reject) => {
      const asked = request({ ...to, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const json = <T>() => JSON.parse(text) as T;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text, json });
        });
      });
      asked.on('error', reject);
      asked.end(body);
    });
  };
  return { ...admin, dataDir, ask };
}

export function temporaryDirectory(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'fairlead-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
