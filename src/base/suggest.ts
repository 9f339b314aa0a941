/**
 * The candidate a mistyped word was most likely meant to be; null when none is near. One slip is allowed in words of up to
 * three letters, two up to seven, three in longer ones; of equally near candidates the first wins.
 */
export function closest(
  word: string,
  candidates: Iterable<string>,
  about: { readonly distanceMax?: number } = {},
): string | null {
  const distanceMax = about.distanceMax ?? slipsAllowed(word);
  let nearest: string | null = null;
  let best = distanceMax + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate, best - 1);
    if (distance >= best) continue;
    nearest = candidate;
    best = distance;
  }
  return nearest;
}

function slipsAllowed(word: string): number {
  if (word.length <= 3) return 1;
  return word.length <= 7 ? 2 : 3;
}

/** Texts beyond this are cut: the cost is the product of both lengths. */
const comparedCharsMax = 256;

/**
 * Letters to insert, delete, change or swap with their neighbour to turn one text into the other (Damerau's distance in its
 * restricted form). Gives up early with `distanceMax + 1` once the distance is certain to be above `distanceMax`.
 */
export function editDistance(a: string, b: string, distanceMax = Number.POSITIVE_INFINITY): number {
  const from = a.slice(0, comparedCharsMax);
  const to = b.slice(0, comparedCharsMax);
  if (Math.abs(from.length - to.length) > distanceMax) return distanceMax + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      current.push(cost);
    }
    if (Math.min(...current) > distanceMax) return distanceMax + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(at(last, to.length), distanceMax + 1);
}

function at(row: readonly number[], column: number): number {
  return row[column] as number;
}
