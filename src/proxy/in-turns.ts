/**
 * Does something for each item, at most so many in one turn of the event loop, so that thousands of them do not hold up everybody
 * else. The first turn is now.
 */
export function inTurns<T>(items: readonly T[], perTurn: number, act: (item: T) => void, then: () => void): void {
  for (const item of items.slice(0, perTurn)) act(item);
  const left = items.slice(perTurn);
  if (left.length === 0) then();
  else setImmediate(inTurns, left, perTurn, act, then);
}
