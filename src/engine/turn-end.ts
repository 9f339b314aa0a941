/** Something that has held back what it has to write. */
export interface HeldWriter {
  writeHeld(): void;
}

/** May hold one twice that had to write before the end. */
const waiting: HeldWriter[] = [];

/**
 * Calls back when everything that is readable in this turn of the event loop has been read. Written between two reads, each
 * message may wake a peer that has gone to sleep meanwhile; written one behind the other, they find it awake. With 64 busy tunnels
 * a message of 125 B costs 5 % less CPU; with 8 no difference was seen.
 */
export function atTurnEnd(writer: HeldWriter): void {
  if (waiting.push(writer) === 1) setImmediate(writeAll);
}

function writeAll(): void {
  // What is written tells nobody before this is over, so that nothing is added meanwhile.
  for (let i = 0; i < waiting.length; i++) (waiting[i] as HeldWriter).writeHeld();
  waiting.length = 0;
}
