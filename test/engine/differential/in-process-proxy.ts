import { systemClock } from '../../../src/base/clock.ts';
import { createLog } from '../../../src/base/log.ts';
import { TrustedNetworks } from '../../../src/http/forwarded.ts';
import { defaultListenerLimits, type Engine, type Exchange, type Listener } from '../../../src/http/transport.ts';
import { AccessLog } from '../../../src/proxy/access-log.ts';
import { ConnectionCounters } from '../../../src/proxy/connection-counters.ts';
import { proxyHandler } from '../../../src/proxy/handle.ts';
import { noCertificates } from '../../../src/proxy/shown-certificates.ts';
import { TableCell } from '../../../src/proxy/table-cell.ts';
import { Tunnels } from '../../../src/proxy/tunnels.ts';
import { Peers } from '../../../src/upstream/peers.ts';
import { WaitingRoom } from '../../../src/upstream/waiting-room.ts';
import { aDesk } from '../../cache/a-desk.ts';
import { stepWorld } from '../../steps/step-world.ts';
import { aBackend, aPickingWorld, aRoute } from '../../upstream/builders.ts';
import { refusal } from '../support/stage.ts';

/** The whole proxy on one engine in front of one backend, and how many exchanges it has begun and ended. */
export class InProcessProxy {
  begun = 0;
  ended = 0;
  onExchange: ((exchange: Exchange) => void) | null = null;
  onEnd: (() => void) | null = null;
  readonly #engine: Engine;
  #listener: Listener | null = null;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** @param backendPort where every request goes, whatever its host. */
  static async open(engine: Engine, backendPort: number): Promise<InProcessProxy> {
    const proxy = new InProcessProxy(engine);
    const peers = new Peers(engine.upstream);
    const cell = new TableCell(peers, aPickingWorld(), stepWorld());
    const handler = proxyHandler({
      cell,
      peers,
      upstream: engine.upstream,
      tunnel: engine.tunnel,
      tunnels: new Tunnels(systemClock),
      waiting: new WaitingRoom({ clock: systemClock }),
      trusted: new TrustedNetworks([]),
      unknownHost: '404',
      certificates: noCertificates,
      cache: aDesk(),
      failures: { note: () => {} },
      accessLog: new AccessLog(
        {
          write() {
            proxy.ended++;
            proxy.onEnd?.();
          },
          writeTo() {},
        },
        () => 0,
      ),
      tracer: null,
      log: createLog({ level: 'silent', format: 'json' }),
      counts: new ConnectionCounters(),
      clock: systemClock,
      now: () => 0,
      monotonic: () => performance.now(),
    });
    const route = aRoute({
      host: { kind: 'any', text: '*' },
      serving: { kind: 'pool', backends: [aBackend({ port: backendPort })] },
    });
    const policy = { ...route.policy, retries: 0, readMs: 10_000 };
    cell.swap({ version: 1, routes: [{ ...route, policy }] });
    proxy.#listener = await engine.listen({
      host: '127.0.0.1',
      port: 0,
      reusePort: false,
      limits: defaultListenerLimits,
      handler: (exchange) => {
        proxy.begun++;
        proxy.onExchange?.(exchange);
        handler(exchange);
      },
      refuse: refusal,
    });
    return proxy;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Every exchange that has begun has ended. */
  get idle(): boolean {
    return this.begun === this.ended;
  }

  close(): void {
    this.#listener?.close();
    this.#engine.upstream.close();
  }
}
