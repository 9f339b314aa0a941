import type { TestContext } from 'node:test';
import { createLog } from '../../src/base/log.ts';
import { defaultLimits, type Limits } from '../../src/engine/limits.ts';
import type { DataPlaneEvents } from '../../src/plane/data-plane-options.ts';
import { DataPlaneProcess } from '../../src/plane/data-plane-process.ts';
import type { WorkerPlan } from '../../src/plane/messages.ts';
import { claimPort } from '../../src/plane/port-claim.ts';
import { testedEngine } from '../support/tested-engine.ts';

/** A data plane that is not started yet, with a plain listener and without any log; it ends with the test. */
export async function quietPlane(
  t: TestContext,
  about: {
    readonly workers: number;
    readonly limits?: Partial<Limits>;
    /** Of the cache in memory. */
    readonly cacheBytesMax?: WorkerPlan['cache']['bytesMax'];
    readonly trusted?: readonly string[];
    readonly dataDir?: string;
    readonly traceSample?: number;
    readonly events?: Partial<DataPlaneEvents>;
  },
): Promise<{ readonly dataPlane: DataPlaneProcess; readonly port: number }> {
  const {
    workers,
    limits = {},
    cacheBytesMax = 2 ** 24,
    trusted = [],
    dataDir = null,
    traceSample = null,
    events = {},
  } = about;
  const { port } = await claimPort('', { host: '127.0.0.1', port: 0 });
  const dataPlane = new DataPlaneProcess({
    plan: {
      engine: testedEngine,
      listen: [{ host: '127.0.0.1', port, tls: false }],
      limits: { ...defaultLimits, ...limits },
      cache: { directory: null, bytesMax: cacheBytesMax, inactiveMs: 0 },
      ...{ affinityKey: 'test', trusted, unknownHost: '404' },
      ...{ accessLogFd: null, accessLogFormat: 'json', limitsShared: false, traceSample },
      ...{ logLevel: 'silent', logFormat: 'json' },
    },
    workers,
    dataDir,
    log: createLog({ level: 'silent', format: 'json' }),
    ...{ onListening: () => {}, onChallengesShown: () => {}, onNameWanted: () => {} },
    ...{ onHealth: () => {}, onLog: () => {}, onFailures: () => {}, onDeath: () => {}, onLimit: async () => null },
    ...events,
  });
  t.after(() => dataPlane.drain(0));
  return { dataPlane, port };
}
