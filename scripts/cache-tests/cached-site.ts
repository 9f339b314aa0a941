import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../../src/base/log.ts';
import { defaultLimits } from '../../src/engine/limits.ts';
import { DataPlaneProcess } from '../../src/plane/data-plane-process.ts';
import { freePort } from '../free-port.ts';
import { cachedRoute } from './cached-route.ts';

/**
 * A data plane in front of an origin on this machine, with `proxy.cache=on` and nothing else; by FAIRLEAD_ENGINE on either engine.
 * One worker: the suite asks again at once, and what one worker has stored is on disk for the others a moment later.
 */
export async function cachedSite(originPort: number): Promise<{ readonly url: string; close(): Promise<void> }> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), 'cache-tests-'));
  const listening = Promise.withResolvers<void>();
  const dataPlane = new DataPlaneProcess({
    plan: {
      engine: process.env.FAIRLEAD_ENGINE === 'node' ? 'node' : 'h1',
      listen: [{ host: '127.0.0.1', port, tls: false }],
      trusted: [],
      affinityKey: '',
      unknownHost: '404',
      limits: defaultLimits,
      cache: { directory: null, bytesMax: 1024 ** 3, inactiveMs: 0 },
      accessLogFd: null,
      limitsShared: false,
      traceSample: null,
      accessLogFormat: 'json',
      logLevel: 'error',
      logFormat: 'json',
    },
    workers: 1,
    dataDir,
    log: createLog({ level: 'error', format: 'json' }),
    onListening: () => listening.resolve(),
    onChallengesShown: () => {},
    onNameWanted: () => {},
    onHealth: () => {},
    onLog: () => {},
    onFailures: () => {},
    onDeath: () => {},
    onLimit: async () => null,
  });
  dataPlane.publish({ version: 1, routes: cachedRoute(originPort) });
  dataPlane.start();
  await listening.promise;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      await dataPlane.drain(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
