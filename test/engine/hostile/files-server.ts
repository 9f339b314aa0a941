/** A process of its own that listens with one of the engines, for tests that take all its files: prints its port. */

import { defaultListenerLimits } from '../../../src/http/transport.ts';
import { answering, refusal } from '../support/stage.ts';
import { engines } from './engines.ts';

const makeEngine = engines.find(([name]) => name === process.argv[2])?.[1];
if (makeEngine === undefined) throw new Error('which engine?');
const listener = await makeEngine().listen({
  host: '127.0.0.1',
  port: 0,
  reusePort: false,
  limits: defaultListenerLimits,
  handler: answering('x'),
  refuse: refusal,
});
console.log(listener.port);
