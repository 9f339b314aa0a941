/**
 * Where keys and unfinished orders outlive the process. Values are JSON text, with private keys in it. A Keyv fits if it throws its
 * errors: what seems to be missing is made anew, and that costs an account or an order.
 */
export interface AcmeStore {
  /** Undefined where there is nothing; rejects where nobody knows. */
  get(key: string): Promise<unknown>;
  /**
   * Resolves once the value would survive a crash; rejects, or resolves to false, where it would not.
   *
   * @param ttlMs it may be dropped after so long; for ever where nothing is said.
   */
  set(key: string, value: string, ttlMs?: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}
