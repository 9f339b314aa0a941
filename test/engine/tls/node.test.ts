import { describe } from 'node:test';
import { createNodeEngine } from '../../../src/engine/node/engine.ts';
import { limitsContract } from '../contract/limits.ts';
import { listenerContract } from '../contract/listener.ts';
import { relayingContract } from '../contract/relaying.ts';
import { strictnessContract } from '../contract/strictness.ts';
import { tunnelContract } from '../contract/tunnel.ts';
import { overTls } from '../support/over-tls.ts';

describe('the reference engine over TLS', () => {
  const makeEngine = overTls(createNodeEngine);
  listenerContract(makeEngine);
  strictnessContract(makeEngine);
  limitsContract(makeEngine);
  relayingContract(makeEngine);
  tunnelContract(makeEngine);
});
