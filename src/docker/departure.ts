import type { Container } from './container.ts';
import type { Inspection } from './inspection.ts';

/** SIGKILL cannot be handled: whatever gets it leaves. */
const sigkill = 9;

/** A `kill` event, by the engine's clock. */
export interface Kill {
  readonly atMs: number;
  /** null = the event does not say. */
  readonly signal: number | null;
}

/**
 * Whether a signal announces that the container leaves. A label called `signal` takes the place of the signal in every event
 * of its container: what such an event says means nothing, so it counts as the worst.
 */
export function announcesEnd({ signal }: Kill, { stopSignal, labels }: Container): boolean {
  return signal === null || signal === stopSignal || signal === sigkill || Object.hasOwn(labels, 'signal');
}

/** Whether the process that a kill was meant for still runs. Both times are the engine's, so no clocks are compared. */
export function outlives({ atMs }: Kill, { container, startedMs }: Inspection): boolean {
  const alive = container.state === 'running' || container.state === 'paused';
  return alive && startedMs <= atMs;
}
