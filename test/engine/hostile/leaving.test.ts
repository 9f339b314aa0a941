import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../../../src/http/transport.ts';
import { eventually } from '../../support/engine.ts';
import { RawBackend } from '../../support/raw-backend.ts';
import type { RawSocket } from '../../support/raw-socket.ts';
import { relay, tunnelRelay } from '../support/relay.ts';
import { answering, head, peerAt, stage } from '../support/stage.ts';
import { engines } from './engines.ts';

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** Brings a client to where it leaves; `backend` gives the connection on which it is asked. */
type Phase = (client: RawSocket, backend: () => Promise<RawSocket>) => Promise<unknown>;

const phases: Readonly<Record<string, Phase>> = {
  'before it says a word': async () => {},
  'in the middle of a head': async (client) => client.write('GET / HTTP/1.1\r\nHo'),
  'in the middle of a body': async (client, backend) => {
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc');
    await (await backend()).bytes(3);
  },
  'in the middle of a chunk size': async (client, backend) => {
    client.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1');
    await (await backend()).until('abc');
  },
  'while it waits for an answer': async (client, backend) => {
    client.write(get);
    await (await backend()).head();
  },
  'while it waits, with more requests behind': async (client, backend) => {
    client.write(get.repeat(20));
    await (await backend()).head();
  },
  'in the middle of an answer': async (client, backend) => {
    client.write(get);
    const asked = await backend();
    await asked.head();
    asked.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc');
    await client.until('abc');
  },
  'in the middle of an answer that it does not read': async (client, backend) => {
    client.socket.pause();
    client.write(get);
    const asked = await backend();
    await asked.head();
    asked.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    asked.socket.write(Buffer.from(`4000\r\n${'x'.repeat(0x4000)}\r\n`.repeat(1_000)));
  },
  'after an answer': async (client, backend) => {
    client.write(get);
    const asked = await backend();
    await asked.head();
    asked.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc');
    await client.until('abc');
  },
  'after it was refused': async (client) => {
    client.write('nonsense\r\n\r\n');
    await client.head();
  },
  'while an upgrade is decided': async (client, backend) => {
    client.write(upgrade);
    await (await backend()).head();
  },
  'out of a tunnel': async (client, backend) => {
    client.write(upgrade);
    const asked = await backend();
    await asked.head();
    asked.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
    await client.until('hello');
  },
};

const ways: Readonly<Record<string, (client: RawSocket) => void>> = {
  'with an RST': (client) => client.reset(),
  'with a FIN, and then an RST': (client) => {
    client.end();
    setImmediate(() => client.reset());
  },
};

for (const [name, makeEngine] of engines) {
  describe(`${name} forgets a client that leaves`, () => {
    for (const [when, phase] of Object.entries(phases)) {
      for (const [how, leave] of Object.entries(ways)) {
        it(`${when}, ${how}: nothing of it is left, and the next is served`, async (t) => {
          const backend = await RawBackend.open(t);
          const engine = makeEngine({ lingerMs: 300, tunnelCloseMs: 300 });
          const ended: string[] = [];
          const toBackend = relay(engine.upstream, peerAt(backend.port), { onClose: (how) => ended.push(how) });
          const toTunnel = tunnelRelay(engine.tunnel, peerAt(backend.port));
          let begun = 0;
          const { connect, counts } = await stage(t, engine, (exchange: Exchange) => {
            if (exchange.request.target === '/fair') return answering('fair')(exchange);
            if (exchange.request.upgrade !== null) return toTunnel(exchange);
            begun++;
            toBackend(exchange);
          });
          const client = await connect();
          await phase(client, () => backend.next());
          leave(client);
          // Nothing is asked of a backend for somebody who has left; what was kept may stay.
          const kept = when === 'after an answer' ? 1 : 0;
          await eventually('the backend is let off', async () => {
            // As a backend would: it ends when it is told that nothing more comes.
            for (const { socket } of backend.connections) if (socket.readableEnded) socket.end();
            return backend.connections.filter(({ socket }) => !socket.destroyed).length <= kept;
          });
          await eventually('the connection is gone', async () => counts().active === 0);
          // Each exchange that began has been told of its end, once.
          assert.equal(ended.length, begun);
          const fair = await connect();
          fair.write(get.replace('/', '/fair'));
          assert.match(await fair.until('fair'), /^HTTP\/1.1 200 /);
        });
      }
    }
  });

  describe(`${name} says of its connections`, () => {
    it('which read a request, which are being answered, and which wait', async (t) => {
      const held: Exchange[] = [];
      const { connect, counts } = await stage(t, makeEngine(), (exchange) => {
        if (exchange.request.target === '/fair') return answering('fair')(exchange);
        held.push(exchange);
        if (exchange.request.bodyLength !== 0)
          exchange.receive({ onDrain: null, write: () => true, end: () => {}, abort: () => {} });
      });
      const counted = async (reading: number, writing: number, waiting: number): Promise<void> => {
        await eventually(`${reading} read, ${writing} write, ${waiting} wait`, async () => {
          const now = counts();
          return now.reading === reading && now.writing === writing && now.waiting === waiting;
        });
      };
      const client = await connect();
      await counted(0, 0, 1);
      client.write('POST / HTTP/1.1\r\nHo');
      await counted(1, 0, 0);
      client.write('st: a\r\nContent-Length: 3\r\n\r\n');
      await eventually('the request is there', async () => held.length === 1);
      await counted(1, 0, 0);
      client.write('abc');
      await counted(0, 1, 0);
      const sink = held[0]?.respond(head(204));
      await counted(0, 1, 0);
      sink?.end();
      await client.head();
      await counted(0, 0, 1);
      client.write('GET /fair HT');
      await counted(1, 0, 0);
      client.write('TP/1.1\r\nHost: a\r\n\r\n');
      await client.until('fair');
      await counted(0, 0, 1);
    });
  });
}
