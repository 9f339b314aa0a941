import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a request that is sent once more (engine ${name})`, () => retrySuite(makeEngine));
}

const unwell = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 6\r\n\r\nunwell';
const policy = { retryStatuses: [502, 503, 504] };
const bodiless = (method: string): string => `${method} / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\n\r\n`;

function retrySuite(makeEngine: MakeEngine): void {
  const scene = async (t: Parameters<typeof RawBackend.open>[0], answers: readonly string[], about = policy) => {
    const backends = await Promise.all(answers.map(async (answer) => (await RawBackend.open(t)).always(answer)));
    const stage = await proxyStage(t, makeEngine());
    const ports = backends.map(({ port }) => port);
    stage.serve(routeTo(ports, { policy: about }));
    return { stage, client: await stage.connect() };
  };

  it('goes to another backend where the first answers as proxy.retries.on says, its answer thrown away', async (t) => {
    const { stage, client } = await scene(t, [unwell, ok]);
    const tries: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const line = stage.nextLine();
      client.write(get());
      assert.match(await client.head(), /^HTTP\/1.1 200 /);
      assert.equal(await client.bytes(2), 'ok');
      tries.push((await line).tries);
    }
    // In turn: the first of one of them is the one that is well.
    assert.deepEqual(tries.sort(), [1, 2]);
  });

  it('gets the last answer as it is where none is better', async (t) => {
    const { stage, client } = await scene(t, [unwell, unwell]);
    const line = stage.nextLine();
    client.write(get());
    assert.match(await client.head(), /^HTTP\/1.1 503 /);
    assert.equal(await client.bytes(6), 'unwell');
    const { status, tries, reason } = await line;
    assert.deepEqual([status, tries, reason], [503, 2, null]);
    assert.equal(
      [...stage.peers.all()].reduce((sum, { inFlight }) => sum + inFlight, 0),
      0,
    );
  });

  it('must be one that can be repeated, and wanted', async (t) => {
    for (const [method, about, statuses] of [
      ['POST', policy, ['200', '503']],
      ['PUT', policy, ['200', '200']],
      ['GET', { ...policy, retries: 0 }, ['200', '503']],
      ['GET', { retryStatuses: [502] }, ['200', '503']],
    ] as const) {
      const { client } = await scene(t, [unwell, ok], about as typeof policy);
      const seen: (string | undefined)[] = [];
      for (let i = 0; i < 2; i++) {
        client.write(bodiless(method));
        const [, status, length] = /^HTTP\/1.1 (\d+)[\s\S]*Content-Length: (\d)/.exec(await client.head()) ?? [];
        seen.push(status);
        await client.bytes(Number(length));
      }
      assert.deepEqual(seen.sort(), statuses, `${method} ${JSON.stringify(about)}`);
    }
  });

  it('is not sent more often than the budget of its route allows', async (t) => {
    const { stage, client } = await scene(t, [unwell, unwell]);
    const requests = 200;
    for (let i = 0; i < requests; i++) {
      client.write(get());
      await client.head();
      await client.bytes(6);
    }
    const tries = stage.lines.reduce((sum, line) => sum + Number(line.tries), 0);
    // A fifth of what had been asked by then, and the hundred of ten seconds that any route has.
    assert.ok(tries > requests + 100 && tries <= requests + 100 + requests / 5, `${tries} tries`);
  });
}
