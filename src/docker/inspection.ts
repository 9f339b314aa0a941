import { inner, numberAt, shapeOf, timeAt } from '../base/shape.ts';
import type { Container } from './container.ts';
import { toContainer } from './to-container.ts';

/** One look at a container: what everybody may see, and two numbers that only the watch needs. */
export interface Inspection {
  readonly container: Container;
  /** When its present or last run began, by the engine's clock, epoch ms with decimals; 0 = never. */
  readonly startedMs: number;
  /** Docker's own grace period, `stop_grace_period` in compose, where one was set; 0 otherwise. */
  readonly stopGraceMs: number;
}

export function readInspection(json: unknown, endpoint: string): Inspection | null {
  const container = toContainer(json, endpoint);
  if (container === null) return null;
  return {
    container,
    startedMs: timeAt(inner(shapeOf(json), 'State'), 'StartedAt'),
    stopGraceMs:
      Math.min(Math.max(0, numberAt(inner(shapeOf(json), 'Config'), 'StopTimeout')), stopGraceSecondsMax) * 1000,
  };
}

/** An hour: a container that is stopped for longer than that is taken back, should it still run. */
const stopGraceSecondsMax = 3_600;
