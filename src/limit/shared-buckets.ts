import { createHash } from 'node:crypto';
import type { BucketTable } from './bucket-table.ts';
import { isAdmitted, type RateTerms } from './gcra.ts';

/** Where the buckets of all proxies are counted. */
export interface SharedCounter {
  /**
   * Takes a token out of a bucket if there is one.
   *
   * @param bucket a name that tells nothing of whose it is.
   * @returns the backlog that was found, ms; null where nobody can be asked now, or the answer takes too long.
   */
  take(bucket: string, terms: RateTerms): Promise<number | null> | null;
}

/** Of SHA-256: that two of a million million buckets have one name happens once in 10^15 times. */
const nameChars = 22;

/**
 * Buckets that several proxies share: the count of all of them decides. What it says is kept in the own table too, so that
 * whoever is known to have had enough is refused without a question, and the own table goes on from there while nobody answers.
 */
export class SharedBuckets {
  readonly #own: BucketTable;
  readonly #shared: SharedCounter | null;

  /** @param shared null = there is one proxy. */
  constructor(own: BucketTable, shared: SharedCounter | null) {
    this.#own = own;
    this.#shared = shared;
  }

  /**
   * Takes a token out of a bucket if there is one.
   *
   * @param scope what is limited: whose rate it is, and the same in all proxies. `id`: its hash.
   * @returns the backlog that was found, ms; at once where nobody needs to be asked.
   */
  take(scope: { readonly text: string; readonly id: number }, key: string, terms: RateTerms): number | Promise<number> {
    if (this.#shared === null) return this.#own.take(scope.id, key, terms);
    const known = this.#own.backlog(scope.id, key);
    if (!isAdmitted(known, terms)) return known;
    const asked = this.#shared.take(bucketName(scope.text, key), terms);
    if (asked === null) return this.#own.take(scope.id, key, terms);
    return asked.then((found) => {
      if (found === null) return this.#own.take(scope.id, key, terms);
      const after = isAdmitted(found, terms) ? found + terms.intervalMs : found;
      this.#own.raise(scope.id, key, after);
      return found;
    });
  }
}

/** Keys are addresses and what stands in cookies: none of the store's business. */
export function bucketName(scope: string, key: string): string {
  return createHash('sha256').update(`${scope}\0${key}`).digest('base64url').slice(0, nameChars);
}
