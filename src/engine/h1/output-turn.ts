/**
 * What is written while one read is being dealt with waits for its end, so that head, body and the end of a message leave in
 * one system call. `process.nextTick` would do the same for an object and a queue entry per message.
 */

/** Something with output that waits. */
export interface TurnOutput {
  flush(): void;
}

const waiting: TurnOutput[] = [];
let depth = 0;

/** A read begins to be dealt with; turns may lie within each other, and each must be closed. */
export function openTurn(): void {
  depth++;
}

/** The outermost turn flushes everything that has waited. */
export function closeTurn(): void {
  if (--depth > 0) return;
  // What is flushed may be told of by callbacks, but these come later: nothing is added meanwhile.
  for (let i = 0; i < waiting.length; i++) (waiting[i] as TurnOutput).flush();
  waiting.length = 0;
}

/** @returns false when there is no turn at whose end the output could be flushed. */
export function flushAfterTurn(output: TurnOutput): boolean {
  if (depth === 0) return false;
  waiting.push(output);
  return true;
}
