/** Checks of a backend that failed one after the other. */
export interface CheckFailure {
  /** Of the last one, such as `connect refused on 172.17.0.3:3000`. */
  readonly what: string;
  readonly count: number;
  /** Epoch ms. */
  readonly lastMs: number;
}

/** `connect refused on 172.17.0.3:3000 (12 times, last 0.4 s ago)`. */
export function checkFailureText({ what, count, lastMs }: CheckFailure, nowMs: number): string {
  const ago = `${agoText(Math.max(0, nowMs - lastMs))} ago`;
  return `${what} (${count === 1 ? ago : `${count} times, last ${ago}`})`;
}

function agoText(ms: number): string {
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 120_000 ? `${Math.round(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}
