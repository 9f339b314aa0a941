/** What routes are matched on, taken from a request. */
export interface MatchRequest {
  /** As `readAuthority` gives it: lower case, no port, no brackets. */
  readonly host: string;
  /** Normalised, as `readTarget` gives it. */
  readonly path: string;
  readonly method: string;
  /** Without the `?`. */
  readonly query: string;
  /** The first header line of that name. */
  header(name: string): string | undefined;
  /** The real client address. */
  readonly clientAddress: string;
}
