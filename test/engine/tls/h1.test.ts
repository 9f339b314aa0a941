import { describe } from 'node:test';
import { createH1Engine } from '../../../src/engine/h1/engine.ts';
import { limitsContract } from '../contract/limits.ts';
import { listenerContract } from '../contract/listener.ts';
import { relayingContract } from '../contract/relaying.ts';
import { strictnessContract } from '../contract/strictness.ts';
import { tunnelContract } from '../contract/tunnel.ts';
import { overTls } from '../support/over-tls.ts';

describe('our own codec over TLS', () => {
  const makeEngine = overTls(createH1Engine);
  listenerContract(makeEngine);
  strictnessContract(makeEngine);
  limitsContract(makeEngine);
  relayingContract(makeEngine);
  tunnelContract(makeEngine);
});
