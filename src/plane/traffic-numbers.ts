import type { Traffic } from '../proxy/traffic.ts';
import type { FromDataPlane, ToDataPlane } from './messages.ts';
import { Questions } from './questions.ts';
import type { TrafficLedger } from './traffic-ledger.ts';

/** What the data plane has counted: asked for, entered in the ledger, and told from there. */
export class TrafficNumbers {
  readonly #ledger: TrafficLedger;
  readonly #dataPlane: { isThere(): boolean; send(message: ToDataPlane): void };
  readonly #asks = new Questions<true>();

  constructor(ledger: TrafficLedger, dataPlane: { isThere(): boolean; send(message: ToDataPlane): void }) {
    this.#ledger = ledger;
    this.#dataPlane = dataPlane;
  }

  /** Numbers of all workers; what was heard last where they do not come within `timeoutMs`. */
  async traffic(timeoutMs: number): Promise<Traffic> {
    await this.#ask(timeoutMs, 'fresh');
    return this.#ledger.traffic();
  }

  /** What was counted so far by route id, and ids of the peers that are left out for their failures; see `traffic`. */
  async sample(timeoutMs: number) {
    await this.#ask(timeoutMs, 'stale');
    return { routes: this.#ledger.routeTotals(), ejected: this.#ledger.ejected() };
  }

  /** What was heard last of one route; null where it had no request. */
  totalsOf(routeId: string): Float64Array | null {
    return this.#ledger.totalsOf(routeId);
  }

  /** Late ones too: each report holds only what the one before did not. */
  hear({ report, ask }: Extract<FromDataPlane, { type: 'traffic' }>): void {
    this.#ledger.hear(report);
    this.#asks.answer(ask, true);
  }

  /** The data plane has died. */
  giveUp(): void {
    this.#asks.giveUp();
  }

  async #ask(timeoutMs: number, activity: 'fresh' | 'stale'): Promise<void> {
    if (!this.#dataPlane.isThere()) return;
    const places = this.#ledger.places();
    await this.#asks.ask(timeoutMs, (ask) => this.#dataPlane.send({ type: 'traffic', ask, places, activity }));
  }
}
