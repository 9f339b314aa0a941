import type { Compose } from '../compose.ts';
import type { Engine } from '../engine.ts';

/** What each example of the smoke test is tried with. */
export interface SmokeAbout {
  /** Has the image of the proxy. */
  readonly engine: Engine;
  readonly compose: Compose;
  readonly say: (line: string) => void;
  /** Aborts when the test is to end. */
  readonly signal: AbortSignal;
}
