const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Ten years: no duration that is meant is longer, and sums of two stay far below 2^53. */
const durationMsMax = 3_650 * 86_400_000;

/**
 * Reads `250ms`, `30s`, `5m`, `24h`, `30d`, `1.5s` or `1h30m`; a bare number is seconds.
 * @returns milliseconds, a whole number; null for anything else, and for more than ten years.
 */
export function readDuration(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (/^\d{1,9}(\.\d{1,3})?$/.test(trimmed)) return bounded(Number(trimmed) * 1_000);
  if (!/^(\d{1,12}(\.\d{1,3})?(ms|s|m|h|d))+$/.test(trimmed)) return null;
  let sumMs = 0;
  for (const [, count, unit] of trimmed.matchAll(/([\d.]+)(ms|s|m|h|d)/g))
    sumMs += Number(count) * (unitMs[unit as string] as number);
  return bounded(sumMs);
}

function bounded(ms: number): number | null {
  return ms <= durationMsMax ? Math.round(ms) : null;
}

/** The shortest text that reads back as the same duration: `90s`, `24h`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0';
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = unitMs[unit] as number;
    if (ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
