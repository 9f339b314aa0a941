import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { aPolicy } from '../cache/builders.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a trace that is not the proxy's business (engine ${name})`, () => passing(makeEngine));
}

const fields =
  'traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: congo=t61rcWkgMzE,rojo=00f067aa0ba902b7\r\n';
const wanted =
  /\r\ntraceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\ntracestate: congo=t61rcWkgMzE,rojo=00f067aa0ba902b7\r\n/;
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

function passing(makeEngine: MakeEngine): void {
  it('reaches the backend as it came', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get('/', fields));
    assert.match(await (await backend.next()).head(), wanted);
  });

  it('reaches each backend that is tried', async (t) => {
    const backends = [await RawBackend.open(t), await RawBackend.open(t)];
    const stage = await proxyStage(t, makeEngine());
    stage.serve(
      routeTo(
        backends.map(({ port }) => port),
        { policy: { lb: { kind: 'first' } } },
      ),
    );
    const client = await stage.connect();
    client.write(get('/', fields));
    for (const [at, backend] of backends.entries()) {
      const upstream = await backend.next();
      assert.match(await upstream.head(), wanted);
      if (at === 0) upstream.socket.destroy();
      else upstream.write(ok);
    }
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });

  it('goes with a fetch of the cache', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], { policy: { cache: aPolicy() } }));
    const client = await stage.connect();
    client.write(get('/', fields));
    assert.match(await (await backend.next()).head(), wanted);
  });

  it('goes with an upgrade', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const client = await stage.connect();
    client.write(get('/', `${upgrade}${fields}`));
    assert.match(await (await backend.next()).head(), wanted);
  });

  it('is in no line of the access log', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port]));
    const line = stage.nextLine();
    const client = await stage.connect();
    client.write(get('/', fields));
    assert.equal('traceId' in (await line), false);
  });
}
