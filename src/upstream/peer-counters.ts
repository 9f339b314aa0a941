import type { CounterShape } from '../base/shared-counters.ts';

/** What is counted of a container. */
export const peerCells = { inFlight: 0, requests: 1, fails: 2 } as const;

/** More than containers with labels that are watched on one engine. */
export const peerCounterShape: CounterShape = { blocks: 65_536, cells: 3, gauges: [peerCells.inFlight] };
