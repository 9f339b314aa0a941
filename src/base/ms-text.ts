/** Milliseconds as people read them, each as short as it may be: `0.4 ms`, `12 ms`, `1.2 s`; `–` where nothing was measured. */
export function msText(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 9.95) return `${decimalText(ms)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 9_950 ? `${decimalText(ms / 1_000)} s` : `${Math.round(ms / 1_000)} s`;
}

/** One digit behind the point, unless it is 0: `1.2`, `3`. */
export function decimalText(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}
