/** Where keys and unfinished orders outlive the process; a Keyv fits. Values are JSON text, with private keys in it. */
export interface AcmeStore {
  /** Undefined where there is nothing. */
  get(key: string): Promise<unknown>;
  /**
   * Resolves once the value would survive a crash.
   *
   * @param ttlMs it may be dropped after so long; for ever where nothing is said.
   */
  set(key: string, value: string, ttlMs?: number): Promise<unknown>;
  delete(key: string): Promise<unknown>;
}
