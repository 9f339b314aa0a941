import { inner, shapeOf, timeAt } from '../base/shape.ts';
import type { Container } from './container.ts';
import { toContainer } from './to-container.ts';

/** One look at a container: what everybody may see, and a number that only the watch needs. */
export interface Inspection {
  readonly container: Container;
  /** When its present or last run began, by the engine's clock, epoch ms with decimals; 0 = never. */
  readonly startedMs: number;
}

export function readInspection(json: unknown, endpoint: string): Inspection | null {
  const container = toContainer(json, endpoint);
  if (container === null) return null;
  return { container, startedMs: timeAt(inner(shapeOf(json), 'State'), 'StartedAt') };
}
