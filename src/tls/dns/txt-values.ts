import type { Clock } from '../../base/clock.ts';
import { dnsFailure } from './dns-failure.ts';
import { Places } from './places.ts';
import type { ChallengeRecord, TxtProvider } from './txt-provider.ts';

/** A value that stays until it is removed as often as it was added. */
export interface HeldValue {
  /** Once; a second call does nothing. @throws AcmeFailure when it could not be taken away. */
  remove(): Promise<void>;
}

/** One value at one owner. */
interface Entry {
  readonly withdraw: () => Promise<void>;
  holders: number;
}

/**
 * Values of TXT records, counted: a name and its wildcard are checked at the same record, with a value each or with the same
 * one, and several orders may be under way. One thing at a time is done to a record, since not every provider could bear more.
 */
export class TxtValues {
  readonly #provider: TxtProvider;
  readonly #places: Places;
  /** By owner and value; bounded by the places. */
  readonly #entries = new Map<string, Entry>();
  /** By owner: the end of what is being done to it. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(provider: TxtProvider, { clock }: { readonly clock: Clock }) {
    this.#provider = provider;
    this.#places = new Places(provider.valuesMax, { clock });
  }

  /** @throws AcmeFailure when it cannot be set; the signal's reason when that aborts. */
  async add(record: ChallengeRecord, value: string, signal: AbortSignal): Promise<HeldValue> {
    if (!(await this.#places.take(signal)))
      throw dnsFailure(
        `the way to set TXT records holds ${this.#provider.valuesMax} at a time, and others are still being checked: it is tried again later`,
      );
    const key = `${record.owner} ${value}`;
    try {
      await this.#inTurn(record.owner, async () => {
        signal.throwIfAborted();
        const entry = this.#entries.get(key);
        if (entry) entry.holders += 1;
        else this.#entries.set(key, { withdraw: await this.#provider.present(record, value, signal), holders: 1 });
      });
    } catch (error) {
      this.#places.leave();
      throw error;
    }
    let isHeld = true;
    return {
      remove: async () => {
        if (!isHeld) return;
        isHeld = false;
        try {
          await this.#inTurn(record.owner, () => this.#release(key));
        } finally {
          this.#places.leave();
        }
      },
    };
  }

  async #release(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (!entry) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    this.#entries.delete(key);
    await entry.withdraw();
  }

  /** After all that was asked for this owner before. */
  #inTurn(owner: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#busy.get(owner) ?? Promise.resolve()).then(work);
    const settled = done.then(
      () => {},
      () => {},
    );
    this.#busy.set(owner, settled);
    void settled.then(() => {
      if (this.#busy.get(owner) === settled) this.#busy.delete(owner);
    });
    return done;
  }
}
