/** How tracing stands, for `/status` and `/metrics`. */
export interface TracingStanding {
  /** Where spans go, without path and credentials. */
  readonly collector: string;
  /** Since the proxy is up. */
  readonly exportedSpans: number;
  readonly droppedSpans: number;
  /** Why the collector takes none now; null = it does, as far as is known. */
  readonly fault: string | null;
}
