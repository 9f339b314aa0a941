const unitBytes: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/**
 * Reads `512k`, `100m`, `1g`, `1.5g`, also spelt `100MB` or `100MiB`; always by 1024; a bare number is bytes.
 * @returns whole bytes; null for anything else, and for what is no safe integer.
 */
export function readSize(text: string): number | null {
  const parts = /^(\d{1,15}(?:\.\d{1,3})?)\s*([kmgt]?)(?:i?b)?$/.exec(text.trim().toLowerCase());
  if (parts === null) return null;
  const bytes = Math.round(Number(parts[1]) * (unitBytes[parts[2] as string] as number));
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** The shortest text that reads back as the same size: `100m`. */
export function sizeText(bytes: number): string {
  for (const unit of ['t', 'g', 'm', 'k']) {
    const size = unitBytes[unit] as number;
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
