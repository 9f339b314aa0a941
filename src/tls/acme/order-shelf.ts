import { createHash, createPrivateKey } from 'node:crypto';
import { shapeOf, textAt } from '../../base/shape.ts';
import type { AcmeStore } from './acme-store.ts';
import { AcmeFailure } from './failure.ts';

/** What it takes to finish an order after a crash. */
export interface UnfinishedOrder {
  /** The certificate's private key. */
  readonly keyPem: string;
  /** '' = the issuer was asked, but its answer never came. */
  readonly url: string;
  readonly accountUrl: string;
}

/** Let's Encrypt's orders end after 7 days; what is not taken up again goes by itself. */
const keptMs = 7 * 24 * 60 * 60_000;

/** Orders on which an issuer has spent something and that brought no certificate yet; at most one for a set of names. */
export class OrderShelf {
  readonly #store: AcmeStore;
  readonly #key: string;

  constructor(
    store: AcmeStore,
    of: { readonly directoryUrl: string; readonly profile: string | null; readonly names: readonly string[] },
  ) {
    this.#store = store;
    const identity = JSON.stringify([of.directoryUrl, of.profile, [...of.names].sort()]);
    this.#key = `order ${createHash('sha256').update(identity).digest('base64url')}`;
  }

  /** Null where nothing is kept, or something that is none. */
  async read(): Promise<UnfinishedOrder | null> {
    const text = await this.#attempt('read', () => this.#store.get(this.#key));
    try {
      const shape = shapeOf(JSON.parse(String(text)));
      const keyPem = textAt(shape, 'keyPem');
      createPrivateKey(keyPem);
      return { keyPem, url: textAt(shape, 'url'), accountUrl: textAt(shape, 'accountUrl') };
    } catch {
      return null;
    }
  }

  /** @throws AcmeFailure where it cannot be kept: then nothing must be spent on it. */
  async keep(order: UnfinishedOrder): Promise<void> {
    await this.#attempt('kept', () => this.#store.set(this.#key, JSON.stringify(order), keptMs));
  }

  async forget(): Promise<void> {
    await this.#attempt('removed', () => this.#store.delete(this.#key));
  }

  async #attempt<T>(done: string, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      if (done === 'kept' && result === false) throw new Error('the store said no');
      return result;
    } catch (error) {
      const detail = `the unfinished order cannot be ${done}: ${error instanceof Error ? error.message : error}`;
      throw new AcmeFailure({ type: '', status: null, detail, subproblems: [] }, { stage: 'order', cause: error });
    }
  }
}
