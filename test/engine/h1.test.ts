import { describe } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { isolationContract } from './contract/isolation.ts';
import { limitsContract } from './contract/limits.ts';
import { listenerContract } from './contract/listener.ts';
import { relayingContract } from './contract/relaying.ts';
import { strictnessContract } from './contract/strictness.ts';
import { tunnelContract } from './contract/tunnel.ts';
import { upstreamContract } from './contract/upstream.ts';

describe('our own codec', () => {
  const makeEngine = createH1Engine;
  listenerContract(makeEngine);
  strictnessContract(makeEngine);
  limitsContract(makeEngine);
  upstreamContract(makeEngine);
  relayingContract(makeEngine);
  tunnelContract(makeEngine);
  isolationContract(makeEngine);
});
