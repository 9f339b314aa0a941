/** An order that somebody would like to make. */
export interface OrderRequest {
  /** Lower case; `*.example.com` where it is a wildcard. */
  readonly names: readonly string[];
  /** The issuer's name in the settings. */
  readonly issuer: string;
  /** Whether the issuer has a staging environment. */
  readonly hasStaging: boolean;
  readonly purpose: OrderPurpose;
}

export type OrderPurpose =
  /** The table needs it: the first certificate, or a renewal. */
  | 'needed'
  /** A handshake waits for it: half of the budgets. */
  | 'on-demand'
  /** A person asks now: waits of our own making do not count, limits and the issuer's word do. */
  | 'asked'
  /** A person tries it out: at staging, and without consequences. */
  | 'rehearsal';

/** An order that was begun. */
export interface PendingOrder {
  readonly names: readonly string[];
  readonly where: 'production' | 'staging';
  readonly rehearsal: boolean;
  /** The ledger knew no earlier certificate for exactly these names: it counts for their domains. */
  readonly isNew: boolean;
  /** Time of the ledger. */
  readonly atMs: number;
}
