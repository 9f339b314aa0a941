/** How long an order waits for others, and how often it asks. */
export interface OrderLimits {
  /** One request, with the nonce before it. */
  readonly requestMsMax: number;
  /** The whole order; checked with every request. */
  readonly orderMsMax: number;
  /** The pause before a state is asked for the first time; each later one is half as long again, or what Retry-After says. */
  readonly pauseMsFirst: number;
  readonly pauseMsMax: number;
  /** All the asking for one state. */
  readonly pollMsMax: number;
  readonly pollsMax: number;
  /** Until all workers show an answer. */
  readonly showMsMax: number;
  /** Until a TXT record is told by the zone's servers; the provider's own patience ends before. */
  readonly recordMsMax: number;
  /** Names of one order that are proven at a time. */
  readonly namesAtOnce: number;
}

export const defaultOrderLimits: OrderLimits = {
  requestMsMax: 30_000,
  orderMsMax: 20 * 60_000,
  pauseMsFirst: 250,
  pauseMsMax: 10_000,
  pollMsMax: 3 * 60_000,
  pollsMax: 40,
  showMsMax: 30_000,
  recordMsMax: 5 * 60_000,
  namesAtOnce: 8,
};
