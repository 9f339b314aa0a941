import assert from 'node:assert/strict';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fairleadImage } from '../../support/engine.ts';
import { rawClient } from '../../support/raw-client.ts';
import { GuideSite } from './guide-site.ts';

const mebibyte = 1024 * 1024;

test('timeouts and bodies: proxy_connect_timeout, proxy_send_timeout, proxy_read_timeout, client_max_body_size', async (t) => {
  const site = await GuideSite.up(t, {
    image: fairleadImage(),
    services: ['app-1', 'git'],
    // A second for a minute, and two for five.
    sooner: { 'app-1': { 'proxy.timeout': '1s' }, git: { 'proxy.timeout': '2s' } },
  });
  /** An upload, in chunks where it states no length, and what comes of it. */
  const upload = (name: string, body: Iterable<Buffer> | AsyncIterable<Buffer>, bytes?: number) =>
    uploaded({ address: site.address, host: site.host(name) }, body, bytes);

  await t.test('an answer that does not come is a 504 when the time is over, with its reason', async () => {
    const startedMs = performance.now();
    const { status, reason } = await site.get('app', '/?wait=20s');
    const tookMs = performance.now() - startedMs;
    assert.deepEqual([status, reason], [504, 'backend-timeout']);
    assert.ok(tookMs > 990 && tookMs < 15_000, `${tookMs} ms`);
  });

  await t.test('the time is that between two bytes: an answer that goes on may last longer', async (inner) => {
    const client = await rawClient(inner, 80, site.address);
    client.write(`GET /sse HTTP/1.1\r\nHost: ${site.host('git')}\r\n\r\n`);
    const startedMs = performance.now();
    await client.until('"count":3');
    assert.ok(performance.now() - startedMs > 2_500);
  });

  await t.test('an upload that trickles may last longer, too', async () => {
    const { status, body } = await upload('git', trickle({ bytes: 6, everyMs: 500 }));
    assert.equal(status, 200);
    assert.match(body, /^Body: 6 bytes$/m);
  });

  await t.test('a body of 100m passes, and one byte more is a 413 before it is sent', async (inner) => {
    const bytes = 100 * mebibyte;
    const { status, body } = await upload('git', filler(bytes), bytes);
    assert.equal(status, 200);
    assert.match(body, new RegExp(`^Body: ${bytes} bytes$`, 'm'));
    const client = await rawClient(inner, 80, site.address);
    client.write(`POST / HTTP/1.1\r\nHost: ${site.host('git')}\r\nContent-Length: ${bytes + 1}\r\n\r\n`);
    assert.match(await client.head(), /^HTTP\/1\.1 413 [\s\S]*details=body-too-large/);
  });

  await t.test('sent in chunks, one byte more than 100m is a 413 when it comes', async () => {
    const bytes = 100 * mebibyte;
    assert.equal((await upload('git', filler(bytes))).status, 200);
    const { status, reason } = await upload('git', filler(bytes + 1));
    assert.deepEqual([status, reason], [413, 'body-too-large']);
  });

  await t.test('each site has its own: the app takes 50m', async (inner) => {
    for (const [bytes, answer] of [
      [50 * mebibyte, /^HTTP\/1\.1 100 /],
      [50 * mebibyte + 1, /^HTTP\/1\.1 413 /],
    ] as const) {
      const client = await rawClient(inner, 80, site.address);
      const head = `POST / HTTP/1.1\r\nHost: ${site.host('app')}\r\nContent-Length: ${bytes}\r\nExpect: 100-continue\r\n\r\n`;
      client.write(head);
      assert.match(await client.head(), answer);
    }
  });
});

function* filler(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(mebibyte, 'x');
  for (let left = bytes; left > 0; left -= chunk.length) yield left >= chunk.length ? chunk : chunk.subarray(0, left);
}

async function* trickle({ bytes, everyMs }: { bytes: number; everyMs: number }): AsyncGenerator<Buffer> {
  for (let sent = 0; sent < bytes; sent += 1) {
    await sleep(everyMs);
    yield Buffer.from('x');
  }
}

async function uploaded(
  { address, host }: { readonly address: string; readonly host: string },
  body: Iterable<Buffer> | AsyncIterable<Buffer>,
  bytes?: number,
): Promise<{ readonly status: number; readonly reason: string | null; readonly body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; reason: string | null; body: string }>();
  const length = bytes === undefined ? {} : { 'content-length': bytes };
  const asked = request({ host: address, port: 80, method: 'POST', headers: { host, ...length }, agent: false });
  let answered = false;
  asked.on('response', (response) => {
    answered = true;
    const { statusCode: status = 0, headers } = response;
    const reason = /details=([\w-]+)/.exec(String(headers['proxy-status'] ?? ''))?.[1] ?? null;
    text(response).then((all) => resolve({ status, reason, body: all }), reject);
  });
  // Who is answered before all was sent may find the connection closed.
  pipeline(Readable.from(body), asked).catch((error: unknown) => answered || reject(error));
  return promise;
}
