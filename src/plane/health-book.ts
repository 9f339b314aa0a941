import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { StateAndReason } from '../routing/backend-state.ts';
import type { Backend } from '../routing/table.ts';
import { checkFailureText } from '../upstream/health/check-failure.ts';
import { peerId } from '../upstream/peer.ts';
import type { HealthNews } from './messages.ts';

/** What the checks of a backend have come to, or that it does not answer although it started long ago. */
export interface HealthChange extends StateAndReason {
  readonly container: string;
  /** `host:port`. */
  readonly address: string;
}

type Known = Exclude<HealthNews, { state: 'gone' }>;

/** Lines of the log about one telling: a network that fails fails for all. */
const linesMax = 20;

/** Of one that starts, by when most do: some ten seconds by its pace. */
const failuresLate = 24;

function isLate({ failure }: Known): boolean {
  return (failure?.count ?? 0) >= failuresLate;
}

/** What the data plane's checks have found, as the control plane was told; bounded by its table. */
export class HealthBook {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onChange: (changes: readonly HealthChange[]) => void;
  readonly #known = new Map<string, Known>();

  constructor(about: { clock: Clock; log: Log; onChange: (changes: readonly HealthChange[]) => void }) {
    this.#clock = about.clock;
    this.#log = about.log;
    this.#onChange = about.onChange;
  }

  hear(news: readonly HealthNews[]): void {
    const changed: Known[] = [];
    for (const one of news) {
      const known = this.#known.get(one.peer);
      const before = known?.state ?? 'starting';
      if (one.state === 'gone') {
        this.#known.delete(one.peer);
        continue;
      }
      this.#known.set(one.peer, one);
      if (
        one.state === 'starting' ? isLate(one) && !(known?.state === 'starting' && isLate(known)) : one.state !== before
      )
        changed.push(one);
    }
    for (const { container, address, state, failure } of changed.slice(0, linesMax)) {
      const about = { container, address, reason: this.#reason(failure) };
      if (state === 'starting') this.#log.warn(about, 'backend does not answer since it started');
      else if (state === 'healthy') this.#log.info({ container, address }, 'backend healthy');
      else this.#log.warn(about, 'backend unhealthy');
    }
    const left = changed.length - linesMax;
    if (left > 0) this.#log.info({ left }, 'more backends became healthy or unhealthy at the same time');
    if (changed.length === 0) return;
    this.#onChange(
      changed.map(({ container, address, state, failure }) => ({
        ...{ container, address, state },
        reason: state === 'healthy' ? '' : this.#reason(failure),
      })),
    );
  }

  /** The data plane has ended; the next one asks all of them anew. */
  restart(): void {
    this.#known.clear();
  }

  /** What a backend of the table can do, by table and checks together. */
  of(backend: Backend): StateAndReason {
    const { state, reason, check } = backend;
    if (check === null || state !== 'healthy') return { state, reason };
    const known = this.#known.get(peerId(backend));
    if (known?.state === 'healthy') return { state: 'healthy', reason: '' };
    return { state: known?.state ?? 'starting', reason: this.#reason(known?.failure ?? null) };
  }

  #reason(failure: Known['failure']): string {
    return failure === null
      ? 'its check has not passed often enough yet'
      : checkFailureText(failure, this.#clock.now());
  }
}
