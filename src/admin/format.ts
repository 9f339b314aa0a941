import type { Format } from './admin-context.ts';

const byType: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'text/plain': 'text',
  'text/html': 'html',
};

/**
 * The form that a client wants: `?format=` beats Accept (RFC 9110 §12.5.1). Who takes anything, as curl does, gets JSON.
 * @returns null for a word that is no form.
 */
export function chooseFormat(asked: string | null, accept: string | undefined): Format | null {
  if (asked !== null) return Object.values(byType).find((format) => format === asked.toLowerCase()) ?? null;
  let best: Format = 'json';
  let bestQuality = 0;
  for (const range of (accept ?? '').slice(0, 1_000).split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const format = byType[type];
    const quality = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    if (format === undefined || !(quality > bestQuality)) continue;
    best = format;
    bestQuality = quality;
  }
  return best;
}
