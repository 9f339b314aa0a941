/** `20261125T214949123Z`: a moment as part of a file name, sorted by time when sorted by text. */
export function compactTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace(/[-:.]/g, '');
}
