import { statesWithEjected } from '../admin/live-detail.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { hostAndPort } from '../http/authority.ts';
import type { FailedRequest } from '../proxy/failed-request.ts';
import type { StateAndReason } from '../routing/backend-state.ts';
import type { BuiltTable } from '../routing/route-detail.ts';
import type { Backend } from '../routing/table.ts';
import { peerId } from '../upstream/peer.ts';

/** Lines of the log about one look: a network that fails fails for all. */
const linesMax = 20;
/** How long the cause is waited for: a request may be tried again for as long before it fails and is told. */
const causeMs = 15_000;

interface Ejected {
  readonly sinceMs: number;
  isTold: boolean;
}

/** Who is left out for failures, since when, and what failed last; says so in the log, once each time. */
export class EjectionBook {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stateOf: (backend: Backend) => StateAndReason;
  readonly #failureAt: (container: string, address: string) => FailedRequest | null;
  #ejected = new Map<string, Ejected>();

  /** @param about.failureAt the last request that failed at a container, by its name and `host:port`. */
  constructor(about: {
    readonly clock: Clock;
    readonly log: Log;
    readonly stateOf: (backend: Backend) => StateAndReason;
    readonly failureAt: (container: string, address: string) => FailedRequest | null;
  }) {
    this.#clock = about.clock;
    this.#log = about.log;
    this.#stateOf = about.stateOf;
    this.#failureAt = about.failureAt;
  }

  /** To be called again and again. @param ids of the peers that are left out now. */
  look(ids: ReadonlySet<string>, { details }: BuiltTable): void {
    if (ids.size === 0 && this.#ejected.size === 0) return;
    const nowMs = this.#clock.now();
    this.#ejected = new Map(
      [...ids].map((id) => [id, this.#ejected.get(id) ?? { sinceMs: nowMs, isTold: false }] as const),
    );
    const untold = new Set([...this.#ejected].filter(([, { isTold }]) => !isTold).map(([id]) => id));
    if (untold.size === 0) return;
    const states = statesWithEjected(
      { backendState: this.#stateOf, lastFailure: (backend) => this.lastFailure(backend) },
      untold,
    );
    const lines: { container: string; address: string; route: string; reason: string }[] = [];
    for (const { route, members } of details.values()) {
      for (const { backend } of members) {
        const id = backend === null ? '' : peerId(backend);
        const known = this.#ejected.get(id);
        if (backend === null || known === undefined || known.isTold) continue;
        if (this.lastFailure(backend) === null && nowMs - known.sinceMs < causeMs) continue;
        known.isTold = true;
        const { state, reason } = states(backend);
        if (state !== 'ejected') continue;
        const { container, host, port } = backend;
        lines.push({ container, address: hostAndPort(host, port), route: route.id, reason });
      }
    }
    for (const about of lines.slice(0, linesMax))
      this.#log.warn(about, 'requests to a backend fail: it is left out while there are others');
    const left = lines.length - linesMax;
    if (left > 0) this.#log.warn({ left }, 'requests to more backends fail');
  }

  /** The last request that failed at a backend which is left out, if it may be why; null where none is known. */
  lastFailure(backend: Backend): FailedRequest | null {
    const known = this.#ejected.get(peerId(backend));
    const failure = this.#failureAt(backend.container, hostAndPort(backend.host, backend.port));
    if (failure === null) return null;
    const sinceMs = (known?.sinceMs ?? this.#clock.now()) - backend.failTimeoutMs;
    return Date.parse(failure.at) >= sinceMs ? failure : null;
  }
}
