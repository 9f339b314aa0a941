/** Cuts a failing text down to the characters it takes to fail, by leaving out smaller and smaller pieces (delta debugging). */
export async function minimise(
  text: string,
  fails: (candidate: string) => Promise<boolean>,
  { triesMax = 2_000 } = {},
): Promise<string> {
  let best = text;
  let tries = 0;
  for (let size = Math.ceil(best.length / 2); size >= 1; ) {
    let shorter = false;
    for (let at = 0; at < best.length && tries < triesMax; ) {
      const candidate = best.slice(0, at) + best.slice(at + size);
      tries++;
      if (await fails(candidate)) {
        best = candidate;
        shorter = true;
      } else at += size;
    }
    if (tries >= triesMax) break;
    if (!shorter || size > 1) size = size === 1 ? 0 : Math.ceil(size / 2);
  }
  return best;
}
