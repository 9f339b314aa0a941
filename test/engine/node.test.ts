import { describe } from 'node:test';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { limitsContract } from './contract/limits.ts';
import { listenerContract } from './contract/listener.ts';
import { relayingContract } from './contract/relaying.ts';
import { strictnessContract } from './contract/strictness.ts';
import { tunnelContract } from './contract/tunnel.ts';
import { upstreamContract } from './contract/upstream.ts';

describe('the reference engine', () => {
  const makeEngine = createNodeEngine;
  listenerContract(makeEngine);
  strictnessContract(makeEngine);
  limitsContract(makeEngine);
  relayingContract(makeEngine);
  upstreamContract(makeEngine);
  tunnelContract(makeEngine);
});
