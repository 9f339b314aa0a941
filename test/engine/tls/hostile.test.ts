import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TlsVerdict } from '../../../src/http/transport.ts';
import { eventually } from '../../support/engine.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { engines } from '../hostile/engines.ts';
import { helloBytes } from '../support/hello-bytes.ts';
import { byName, identity, tlsClient, tlsStage } from '../support/over-tls.ts';
import { Later } from '../support/stage.ts';
import { dripping, tcpRelay } from '../support/tcp-relay.ts';

const get = 'GET / HTTP/1.1\r\nHost: a.test\r\n\r\n';
const hello = await helloBytes({ servername: 'a.test' });

/** Where a client of TLS may be when it stops: `hold` makes the engine wait for a certificate. */
const phases: Record<string, (client: RawSocket, hold: () => Promise<void>) => Promise<unknown>> = {
  'before it says a word': async () => {},
  'in the middle of its hello': async (client) => client.socket.write(hello.subarray(0, 100)),
  'while its certificate is waited for': async (client, hold) => {
    const held = hold();
    client.socket.write(hello);
    await held;
  },
  'in the middle of the handshake': async (client) => {
    client.socket.write(hello);
    await client.bytes(500);
  },
  'after it was refused': async (client) => {
    client.socket.write('SSH-2.0-x\r\n');
    await client.bytes(7);
  },
  'after it was told to speak TLS': async (client) => {
    client.write(get);
    await client.head();
  },
};

for (const [name, makeEngine] of engines) {
  describe(`${name} over TLS reads`, () => {
    it('a handshake in as many pieces as it has bytes', async (t) => {
      const { listener } = await tlsStage(t, makeEngine());
      const client = await tlsClient(t, await tcpRelay(t, listener.port, dripping));
      client.write(get);
      assert.match(await client.until('x'), /^HTTP\/1.1 200 /);
    });

    it('a hello that takes two records', async (t) => {
      const { shake } = await tlsStage(t, makeEngine());
      const protocols = Array.from({ length: 300 }, (_, i) => `${i}`.padEnd(60, 'x'));
      const client = await shake({ ALPNProtocols: [...protocols, 'http/1.1'] });
      assert.equal(client.socket.alpnProtocol, 'http/1.1');
    });
  });

  describe(`${name} over TLS lets go of a client`, () => {
    for (const [phase, reach] of Object.entries(phases)) {
      for (const how of ['resets', 'ends', 'stays'] as const) {
        it(`that ${how} ${phase}, and serves the next`, async (t) => {
          const asked = new Later<void>();
          let hold = false;
          const decide = (): TlsVerdict | Promise<TlsVerdict> => {
            asked.tell();
            return hold ? new Promise<TlsVerdict>(() => {}) : { kind: 'serve', identity };
          };
          const limits = { headTimeoutMs: how === 'stays' ? 300 : 60_000 };
          const engine = makeEngine({ lingerMs: how === 'stays' ? 100 : 60_000 });
          const { connect: dial, shake, counts } = await tlsStage(t, engine, decide, { limits });
          const client = await dial();
          await eventually('it is let in', async () => counts().active === 1);
          await reach(client, () => {
            hold = true;
            return asked.promise;
          });
          if (how === 'resets') client.reset();
          else if (how === 'ends') client.end();
          await eventually('it is gone', async () => counts().active === 0);
          hold = false;
          const next = await shake();
          next.write(get);
          assert.match(await next.until('x'), /^HTTP\/1.1 200 /);
        });
      }
    }

    it('that sends its hello so slowly that the whole takes too long', async (t) => {
      const { connect: dial, counts } = await tlsStage(t, makeEngine(), undefined, { limits: { headTimeoutMs: 300 } });
      const client = await dial();
      let at = 0;
      const drip = setInterval(() => client.socket.writable && client.socket.write(hello.subarray(at, ++at)), 20);
      t.after(() => clearInterval(drip));
      await client.rest();
      assert.ok(at < hello.length);
      await eventually('it is gone', async () => counts().active === 0);
    });

    it('whose certificate comes when it is too late, without harm', async (t) => {
      const late = new Later<TlsVerdict>();
      const { connect: dial, counts } = await tlsStage(t, makeEngine(), () => late.promise, {
        limits: { headTimeoutMs: 100 },
      });
      const client = await dial();
      client.socket.write(hello);
      assert.equal(await client.rest(), '');
      await eventually('it is gone', async () => counts().active === 0);
      late.tell({ kind: 'serve', identity });
      await new Promise(setImmediate);
      assert.equal(counts().active, 0);
    });
  });

  describe(`${name} over TLS holds back`, () => {
    it('a client that pours while its certificate is waited for', async (t) => {
      const asked = new Later<void>();
      const { connect: dial } = await tlsStage(t, makeEngine(), () => {
        asked.tell();
        return new Promise(() => {});
      });
      const client = await dial();
      client.socket.write(hello);
      await asked.promise;
      client.socket.write(Buffer.alloc(32 * 1024 * 1024));
      for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
      assert.ok(client.socket.writableLength > 0, 'all of it was taken');
    });
  });

  describe(`${name} over TLS, with as many connections as there may be,`, () => {
    it('counts them from their accept, and closes one that is too many without a word', async (t) => {
      const asked = new Later<void>();
      const decide = (): Promise<TlsVerdict> => {
        asked.tell();
        return new Promise(() => {});
      };
      const {
        connect: dial,
        refused,
        counts,
      } = await tlsStage(t, makeEngine(), decide, { door: { connectionsMax: 2 } });
      for (const bytes of [hello, hello.subarray(0, 50)]) (await dial()).socket.write(bytes);
      await asked.promise;
      await eventually('both are being read', async () => counts().reading === 2);
      const third = await dial();
      third.socket.write(hello);
      assert.equal(await third.rest(), '');
      assert.deepEqual(refused, ['full']);
      assert.equal(counts().active, 2);
    });
  });

  describe(`${name} over TLS that drains`, () => {
    it('closes who is silent, and lets a handshake under way go on to one request', async (t) => {
      const asked = new Later<void>();
      const verdict = new Later<TlsVerdict>();
      const {
        connect: dial,
        shake,
        listener,
      } = await tlsStage(t, makeEngine(), ({ serverName }) => {
        if (serverName !== 'a.test') return { kind: 'refuse' };
        asked.tell();
        return verdict.promise;
      });
      const silent = await dial();
      const shaken = shake();
      await asked.promise;
      const drained = listener.drain();
      assert.equal(await silent.rest(), '');
      verdict.tell({ kind: 'serve', identity });
      const client = await shaken;
      client.write(get);
      assert.match(await client.rest(), /^HTTP\/1.1 200 [\s\S]*Connection: close\r\n\r\nx$/);
      client.end();
      silent.end();
      await drained;
    });

    it('cuts handshakes when it is closed', async (t) => {
      const { connect: dial, listener, counts } = await tlsStage(t, makeEngine(), () => new Promise(() => {}));
      const clients = [await dial(), await dial()];
      for (const client of clients) client.socket.write(hello);
      await eventually('both are being read', async () => counts().reading === 2);
      listener.close();
      for (const client of clients) assert.equal(await client.rest(), '');
      await listener.drain();
    });
  });
}

describe('our own codec over TLS, with as many connections as there may be,', () => {
  const makeEngine = engines[0]?.[1] as (typeof engines)[0][1];

  it('lets one that has said nothing go for a new one, before and after its handshake', async (t) => {
    const held = new Later<void>();
    const handler = () => held.tell();
    const about = { door: { connectionsMax: 3 }, handler };
    const {
      connect: dial,
      shake,
      refused,
      counts,
    } = await tlsStage(t, makeEngine(), byName({ 'a.test': identity }), about);
    const busy = await shake();
    busy.write(get);
    await held.promise;
    const idle = await shake();
    const silent = await dial();
    await eventually('all are in', async () => counts().active === 3 && counts().waiting === 2);
    const newcomers = [await dial(), await dial()];
    for (const newcomer of newcomers) newcomer.socket.write(hello.subarray(0, 50));
    assert.equal(await silent.rest(), '');
    assert.equal(await idle.rest(), '');
    await eventually('they are gone', async () => counts().active === 3 && counts().reading === 2);
    assert.deepEqual(refused, []);
    assert.equal(await (await dial()).rest(), '');
    assert.deepEqual(refused, ['full']);
    assert.equal(busy.unread, '');
  });
});
