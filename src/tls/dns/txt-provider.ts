/** Where the TXT record of a DNS-01 challenge goes (RFC 8555 §8.4). Names are lower case, without a last dot. */
export interface ChallengeRecord {
  /** What the certificate is for, without `_acme-challenge.` and `*.`. */
  readonly name: string;
  /** `_acme-challenge.<name>`, or what that is a CNAME for. */
  readonly owner: string;
  /** Whether DNS could be asked for a CNAME; `owner` is a guess where not. */
  readonly isCertain: boolean;
}

/** A way to set TXT records. Its failures are AcmeFailures; an abort throws the signal's reason. */
export interface TxtProvider {
  /** So many values at a time, over all names. */
  readonly valuesMax: number;
  /**
   * Sets a value beside those that are there; that it is there already is no failure. Not called for two values of one owner
   * at a time.
   *
   * @returns what takes it away again; that it is gone already is no failure.
   */
  present(record: ChallengeRecord, value: string, signal: AbortSignal): Promise<() => Promise<void>>;
}
