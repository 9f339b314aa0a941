import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { FlatHeaderList } from '../../src/http/header-list.ts';
import type { LiveRoute } from '../../src/proxy/table-cell.ts';
import type { StepList } from '../../src/steps/compile.ts';
import type { Step } from '../../src/steps/step.ts';
import type { StepAnswer } from '../../src/steps/step-answer.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

type RequestStep = StepList['request'][number];

/** A proxy whose one route has these steps. */
async function begin(t: TestContext, ...steps: RequestStep['request'][]) {
  const backend = await RawBackend.open(t);
  const stage = await proxyStage(t, createH1Engine());
  stage.serve(routeTo([backend.port]));
  const request = { host: 'app.test', path: '/', query: '', method: 'GET', clientAddress: '127.0.0.1' };
  const live = stage.cell.match({ ...request, header: () => undefined }) as LiveRoute;
  (live.steps.request as Step[]).push(...steps.map((step, at) => ({ name: `step ${at}`, request: step })));
  return { stage, backend, client: await stage.connect() };
}

const refusal: StepAnswer = {
  kind: 'failure',
  reason: 'rate-limited',
  fields: { 'Retry-After': '7', 'X-Why': 'test' },
};

for (const [when, verdict] of [
  ['at once', (answer: StepAnswer | undefined) => answer],
  ['later', (answer: StepAnswer | undefined) => Promise.resolve(answer)],
] as const) {
  test(`a step that refuses ${when} keeps the request from the steps behind it and from the backend`, async (t) => {
    let reached = false;
    const { client, backend } = await begin(
      t,
      () => verdict(undefined),
      () => verdict(refusal),
      () => {
        reached = true;
        return undefined;
      },
    );
    client.write(get());
    const head = await client.head();
    assert.match(head, /^HTTP\/1.1 429 [\s\S]*details=rate-limited\r\nRetry-After: 7\r\n[\s\S]*X-Why: test\r\n/);
    assert.equal(reached, false);
    assert.equal(backend.connections.length, 0);
  });

  test(`a request that all steps let through ${when} reaches the backend, past each of them in order`, async (t) => {
    const { client, backend } = await begin(
      t,
      ({ request }) => {
        request.headers.append('X-Steps', 'first');
        return verdict(undefined);
      },
      ({ request }) => {
        request.headers.append('X-Steps', 'second');
        return verdict(undefined);
      },
    );
    client.write(get());
    const upstream = await backend.next();
    assert.match(await upstream.head(), /X-Steps: first\r\nX-Steps: second\r\n/);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
  });
}

test('a step may answer for the backend, and the answer bears the id of the request', async (t) => {
  const headers = new FlatHeaderList(['Content-Type', 'text/plain', 'Content-Length', '5']);
  const { client } = await begin(t, () => ({
    kind: 'answer',
    head: { status: 203, reason: '', headers, bodyLength: 5 },
    body: Buffer.from('hello'),
    reason: null,
  }));
  client.write(get());
  assert.match(await client.head(), /^HTTP\/1.1 203 [\s\S]*X-Request-Id: [0-9a-f]{32}\r\n/);
  assert.equal(await client.bytes(5), 'hello');
});

test('a step that fails, at once or later, is the end of this request and of nothing else', async (t) => {
  const failures = [
    () => {
      throw new Error('at once');
    },
    () => Promise.reject(new Error('later')),
  ];
  for (const fail of failures) {
    const { client, backend } = await begin(t, ({ path }) => (path === '/bad' ? fail() : undefined));
    client.write(get('/bad'));
    const head = await client.head();
    assert.match(head, /^HTTP\/1.1 500 [\s\S]*details=proxy-error/);
    await client.bytes(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
    assert.equal(backend.connections.length, 0);
    client.write(get());
    (await backend.next()).write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200/);
  }
});

test('a step that waits hears that the client has left, and its late verdict changes nothing', async (t) => {
  const waiting = Promise.withResolvers<undefined>();
  const left = Promise.withResolvers<void>();
  const { client, stage, backend } = await begin(t, ({ gone }) => {
    gone.addEventListener('abort', () => left.resolve());
    return waiting.promise;
  });
  const line = stage.nextLine();
  client.write(get());
  client.reset();
  await left.promise;
  assert.equal((await line).status, 499);
  waiting.resolve(undefined);
  await waiting.promise;
  assert.equal(backend.connections.length, 0);
});
