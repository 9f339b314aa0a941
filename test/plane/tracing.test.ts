import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpanMessage } from '../../src/plane/messages.ts';
import { ok, routeTo } from '../proxy/proxy-stage.ts';
import { readSpan } from '../support/collector.ts';
import { eventually } from '../support/engine.ts';
import { ask } from '../support/proxy-process.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { quietPlane } from './quiet-plane.ts';

test('spans of all workers come to the control plane, the last ones before the data plane leaves', async (t) => {
  const backend = (await RawBackend.open(t)).always(ok);
  const heard: SpanMessage[] = [];
  const { dataPlane, port } = await quietPlane(t, {
    workers: 2,
    traceSample: 1,
    events: { onSpans: (m) => heard.push(m) },
  });
  dataPlane.start();
  dataPlane.publish({ version: 1, routes: [routeTo([backend.port])] });
  await eventually('the table is served', async () => dataPlane.status().appliedVersion === 1);
  for (let i = 0; i < 20; i++) assert.equal((await ask(port, `/${i}`, { headers: { host: 'app.test' } })).status, 200);
  await dataPlane.drain(5_000);
  const spans = heard.flatMap((message) => {
    assert.equal(message.type, 'spans');
    const text = message.type === 'spans' ? Buffer.from(message.bytes).toString('latin1') : '';
    const read = (JSON.parse(`[${text.slice(1)}]`) as unknown[]).map(readSpan);
    assert.equal(read.length, message.spans);
    return read;
  });
  assert.equal(spans.length, 40);
  const paths = spans.filter(({ kind }) => kind === 2).map(({ attributes }) => attributes['url.path']);
  assert.deepEqual(paths.map(String).sort(), Array.from({ length: 20 }, (_, i) => `/${i}`).sort());
});
