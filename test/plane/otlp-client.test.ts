import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { otlpClient } from '../../src/plane/otlp-client.ts';
import { temporaryDirectory } from '../admin/admin-world.ts';
import { Collector } from '../support/collector.ts';
import { closedPort } from '../support/raw-backend.ts';
import { TestAuthority } from '../support/test-authority.ts';

const span = (name: string) =>
  `,{"traceId":"${'a'.repeat(32)}","spanId":"${'b'.repeat(16)}","flags":257,"name":"${name}","kind":2,"startTimeUnixNano":"1800000000000000000","endTimeUnixNano":"1800000000000000001","attributes":[]}\n`;
const batches = [Buffer.from(span('one') + span('two')), Buffer.from(span('three'))];
const now = () => 1_800_000_000_000;

async function scene(t: TestContext) {
  const collector = await Collector.open(t);
  const headers = { authorization: 'Bearer secret', 'x-tenant': '1' };
  const about = { url: `${collector.url}/v1/traces`, headers, caPem: null };
  return { collector, send: otlpClient(about, { 'service.name': 'edge', 'service.version': '1' }, now) };
}

test('batches become one request that a collector can read', async (t) => {
  const { collector, send } = await scene(t);
  assert.deepEqual(await send(batches), { kind: 'taken', rejected: 0, why: '' });
  const [first] = collector.exports;
  assert.equal(first?.path, '/v1/traces');
  assert.deepEqual(first?.resource, { 'service.name': 'edge', 'service.version': '1' });
  assert.deepEqual(
    first?.spans.map(({ name }) => name),
    ['one', 'two', 'three'],
  );
  const { headers } = first ?? {};
  assert.deepEqual(
    [headers?.authorization, headers?.['x-tenant'], headers?.['content-type']],
    ['Bearer secret', '1', 'application/json'],
  );
});

test('what it says of some of them is heard', async (t) => {
  const { collector, send } = await scene(t);
  collector.answer = { status: 200, body: '{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too\\nold"}}' };
  assert.deepEqual(await send(batches), { kind: 'taken', rejected: 2, why: 'too old' });
  for (const body of ['', 'ok', '{"partialSuccess":{"rejectedSpans":"-1"}}', '{"partialSuccess":{}}', 'null']) {
    collector.answer = { status: 200, body };
    assert.equal((await send(batches)).kind, 'taken', body);
  }
});

test('an answer that asks for patience is heard, and any other is for good', async (t) => {
  const { collector, send } = await scene(t);
  for (const status of [429, 502, 503, 504]) {
    collector.answer = { status, headers: { 'retry-after': '7' } };
    assert.deepEqual(await send(batches), { kind: 'later', why: `it answers with ${status}`, pauseMs: 7_000 });
  }
  for (const status of [301, 400, 401, 404, 413, 500]) {
    collector.answer = { status, headers: { location: 'http://127.0.0.1:1/' } };
    assert.deepEqual(await send(batches), { kind: 'refused', why: `it answers with ${status}` });
  }
});

test('one that is not there, breaks off or never ends is asked later', async (t) => {
  const about = { url: `http://127.0.0.1:${await closedPort()}/v1/traces`, headers: {}, caPem: null };
  assert.deepEqual(await otlpClient(about, {}, now)(batches), { kind: 'later', why: 'ECONNREFUSED', pauseMs: 0 });
  const { collector, send } = await scene(t);
  collector.answer = { status: 200, body: 'x'.repeat(70_000) };
  assert.deepEqual(await send(batches), { kind: 'later', why: 'an answer of more than 65536 bytes', pauseMs: 0 });
});

test('over HTTPS it must be vouched for, by the authority that was named', async (t) => {
  const authority = await TestAuthority.create(temporaryDirectory(t));
  const { keyPem: key, certPem: cert } = await authority.issue(['127.0.0.1']);
  const collector = await Collector.open(t, { tls: { key, cert } });
  const url = `https://127.0.0.1:${collector.port}/v1/traces`;
  const about = { url, headers: { authorization: 'Bearer secret' } };
  const { why } = (await otlpClient({ ...about, caPem: null }, {}, now)(batches)) as { why: string };
  assert.equal(why, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  assert.equal(collector.asked, 0);
  assert.equal((await otlpClient({ ...about, caPem: authority.certPem }, {}, now)(batches)).kind, 'taken');
  assert.equal(collector.spans.length, 3);
});
