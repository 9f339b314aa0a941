import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plainAddress } from '../../src/engine/client-address.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { isolationContract } from './contract/isolation.ts';
import { limitsContract } from './contract/limits.ts';
import { listenerContract } from './contract/listener.ts';
import { relayingContract } from './contract/relaying.ts';
import { strictnessContract } from './contract/strictness.ts';
import { tunnelContract } from './contract/tunnel.ts';
import { upstreamContract } from './contract/upstream.ts';
import { head, stage } from './support/stage.ts';

describe('the reference engine', () => {
  const makeEngine = createNodeEngine;
  listenerContract(makeEngine);
  strictnessContract(makeEngine);
  limitsContract(makeEngine);
  relayingContract(makeEngine);
  upstreamContract(makeEngine);
  tunnelContract(makeEngine);
  isolationContract(makeEngine);

  it('gives a client up that stalls in the middle of a body (408)', async (t) => {
    const { connect } = await stage(t, createNodeEngine({ stallMs: 40 }), (exchange) =>
      exchange.receive({ onDrain: null, write: () => true, end: () => {}, abort: () => {} }),
    );
    const client = await connect();
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
    assert.match(await client.rest(), /^HTTP\/1.1 408 /);
  });

  it('gives a client up that takes nothing of an answer', async (t) => {
    const length = 64 * 1024 * 1024;
    const closed = Promise.withResolvers<string>();
    const { connect } = await stage(t, createNodeEngine({ stallMs: 40 }), (exchange) => {
      exchange.onClose = closed.resolve;
      exchange.respond(head(200, {}, length)).write(Buffer.alloc(length));
    });
    const client = await connect();
    client.socket.pause();
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(await closed.promise, 'aborted');
  });

  it('writes addresses the way they are matched', () => {
    assert.equal(plainAddress('::ffff:10.0.0.1'), '10.0.0.1');
    assert.equal(plainAddress('fe80::1%eth0'), 'fe80::1');
    assert.equal(plainAddress('2001:db8::1'), '2001:db8::1');
  });
});
