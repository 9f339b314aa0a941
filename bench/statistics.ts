/** Nearest-rank percentile of any numbers; NaN of none. `percent` from 0 to 100. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const rank = Math.ceil((percent / 100) * sorted.length);
  return sorted[Math.max(0, rank - 1)] ?? Number.NaN;
}

/** The middle value, or the mean of the two middle ones; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? Number.NaN : (lower + upper) / 2;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Such as `0.93 (0.90–0.97)`. */
export function spreadText({ median, min, max }: Spread, decimals = 2): string {
  const [middle, least, most] = [median, min, max].map((value) => value.toFixed(decimals));
  return `${middle} (${least}–${most})`;
}
