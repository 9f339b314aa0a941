import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../../src/engine/node/engine.ts';
import type { EngineOptions } from '../../../src/engine/options.ts';
import type { Engine } from '../../../src/http/transport.ts';

export type MakeEngineWith = (options?: Partial<EngineOptions>) => Engine;

/** Both engines, under the names that tests call them by. */
export const engines: readonly (readonly [string, MakeEngineWith])[] = [
  ['our own codec', createH1Engine],
  ['the reference engine', createNodeEngine],
];
