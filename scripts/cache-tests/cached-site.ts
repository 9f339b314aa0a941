import { createLog } from '../../src/base/log.ts';
import { HttpCache } from '../../src/cache/http-cache.ts';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { TrustedNetworks } from '../../src/http/forwarded.ts';
import { failureAnswer } from '../../src/http/own-answer.ts';
import { newRequestId } from '../../src/http/request-id.ts';
import { defaultListenerLimits } from '../../src/http/transport.ts';
import { AccessLog } from '../../src/proxy/access-log.ts';
import { CacheDesk } from '../../src/proxy/cache-desk.ts';
import { ConnectionCounters } from '../../src/proxy/connection-counters.ts';
import { proxyHandler } from '../../src/proxy/handle.ts';
import { noCertificates } from '../../src/proxy/shown-certificates.ts';
import { TableCell } from '../../src/proxy/table-cell.ts';
import { Peers } from '../../src/upstream/peers.ts';
import { cachedRoute } from './cached-route.ts';

/** The proxy in front of an origin on this machine, with `proxy.cache=on` and nothing else; by FAIRLEAD_ENGINE on either engine. */
export async function cachedSite(originPort: number): Promise<{ readonly url: string; close(): void }> {
  const engine = process.env.FAIRLEAD_ENGINE === 'node' ? createNodeEngine() : createH1Engine();
  const cell = new TableCell(new Peers(engine.upstream));
  cell.swap({ version: 1, routes: cachedRoute(originPort) });
  const monotonic = () => performance.now();
  const now = () => Date.now();
  const handler = proxyHandler({
    cell,
    upstream: engine.upstream,
    tunnel: engine.tunnel,
    tunnels: new Set(),
    trusted: new TrustedNetworks([]),
    unknownHost: '404',
    certificates: noCertificates,
    cache: new CacheDesk(new HttpCache({ bytesMax: 64 * 1024 * 1024, inactiveMs: 3_600_000, monotonic })),
    accessLog: new AccessLog(null, now),
    log: createLog({ level: 'error', format: 'json' }),
    counts: new ConnectionCounters(),
    now,
    monotonic,
  });
  const listener = await engine.listen({
    host: '127.0.0.1',
    port: 0,
    reusePort: false,
    limits: defaultListenerLimits,
    handler,
    refuse: (failure, { accept }) => failureAnswer(failure.reason, { requestId: newRequestId(), accept, nowMs: now() }),
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    close() {
      listener.close();
      engine.upstream.close();
    },
  };
}
