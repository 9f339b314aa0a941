import { listItems } from './list-items.ts';

/** What the proxy can put on a body, the best first (RFC 8878, RFC 7932, RFC 1952). */
export const contentCodings = ['zstd', 'br', 'gzip'] as const;
export type ContentCoding = (typeof contentCodings)[number];

/**
 * The coding that a client likes best of those that are offered; among equals the one that is offered first (RFC 9110 §12.5.3).
 *
 * @param lines of Accept-Encoding.
 * @returns null = as it is: the client says nothing, takes none of them, or would rather have it so.
 */
export function chooseCoding(offered: readonly ContentCoding[], lines: readonly string[]): ContentCoding | null {
  if (lines.length === 0) return null;
  const weights = readWeights(lines);
  const others = weights.get('*') ?? 0;
  let best: ContentCoding | null = null;
  let bestWeight = 0;
  for (const coding of offered) {
    const weight = weights.get(coding) ?? others;
    if (weight <= bestWeight) continue;
    best = coding;
    bestWeight = weight;
  }
  return (weights.get('identity') ?? others) > bestWeight ? null : best;
}

/** In thousandths; who names a coding twice gets it by the lower one, and one whose weight cannot be read not at all. */
function readWeights(lines: readonly string[]): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  for (const item of listItems(lines)) {
    const [named = '', ...parameters] = item.split(';').map((part) => part.trim());
    const name = named === 'x-gzip' ? 'gzip' : named;
    const weight = parameters.length === 0 ? 1000 : weightOf(parameters);
    weights.set(name, Math.min(weight, weights.get(name) ?? 1000));
  }
  return weights;
}

const qvalue = /^q[ \t]*=[ \t]*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

function weightOf(parameters: readonly string[]): number {
  const [parameter = ''] = parameters;
  const value = parameters.length === 1 ? qvalue.exec(parameter)?.[1] : undefined;
  return value === undefined ? 0 : Math.round(Number(value) * 1000);
}
