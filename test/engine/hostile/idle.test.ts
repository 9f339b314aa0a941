import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually } from '../../support/engine.ts';
import { answering, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

for (const [name, makeEngine] of engines) {
  describe(`${name} ends a connection between two requests`, () => {
    for (const [what, bytes] of [
      ['that says nothing', ''],
      ['that sends an empty line', '\r\n'],
      ['that sends half an empty line', '\r'],
      ['that sends part of a head', 'GET / HT'],
    ] as const) {
      it(`${what}, when its time is up`, async (t) => {
        const limits = { headTimeoutMs: 300, idleTimeoutMs: 300 };
        const { connect, counts } = await stage(t, makeEngine({ lingerMs: 100 }), answering('x'), limits);
        const client = await connect();
        client.write(get);
        await client.until('x');
        client.write(bytes);
        assert.match(await client.rest(), /^(HTTP\/1.1 4\d\d [\s\S]*)?$/);
        client.end();
        await client.closed;
        await eventually('it is gone', async () => counts().active === 0);
      });
    }

    it('that sends an empty line now and then, all the same', async (t) => {
      const limits = { headTimeoutMs: 600, idleTimeoutMs: 600 };
      const { connect } = await stage(t, makeEngine({ lingerMs: 100 }), answering('x'), limits);
      const client = await connect();
      client.write(get);
      await client.until('x');
      const drip = setInterval(() => client.socket.writable && client.write('\r\n'), 50);
      t.after(() => clearInterval(drip));
      assert.match(await client.rest(), /^(HTTP\/1.1 4\d\d [\s\S]*)?$/);
    });
  });
}
