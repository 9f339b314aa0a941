import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request, type ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import { request as secureRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { plain } from '../compress/plain.ts';
import { eventually, testEngine } from '../support/engine.ts';
import { hostBackend } from '../support/host-backend.ts';
import { secureProxy, standing } from '../support/secure-proxy.ts';

const page = '<p>the same again and again</p>\n'.repeat(2_000);
const html = { 'content-type': 'text/html; charset=utf-8', etag: '"v1"' };

test('a label compresses answers, over HTTP/1.1, with TLS and without, and HTTP/2', async (t) => {
  const proxy = await secureProxy(t, { FAIRLEAD_WORKERS: '1' });
  const begin = async (inner: TestContext, labels: Readonly<Record<string, string>>, answer: RequestListener) => {
    const host = `app.${testEngine(inner).mark}.test`;
    const own = { 'proxy.host': host, 'proxy.tls': 'internal', 'proxy.http': 'serve', ...labels };
    const backend = await hostBackend(inner, testEngine(inner), { labels: own, answer });
    await standing(proxy, host, 'valid');
    await proxy.live(host, '/');
    const place = { host: '127.0.0.1', servername: host, ca: (await proxy.admin('/certs/root.pem')).body };
    const session = connect(`https://${host}:${proxy.httpsPort}`, place);
    inner.after(() => session.destroy());
    const over1 = async (secure: boolean, headers: Record<string, string>, path = '/'): Promise<Shown> => {
      const about = { ...place, path, agent: false, headers: { host, ...headers } } as const;
      const asked = secure
        ? secureRequest({ ...about, port: proxy.httpsPort }).end()
        : request({ ...about, port: proxy.httpPort }).end();
      const answered = once(asked, 'response');
      // What is cut behind its head fails the body, and the request once more.
      asked.on('error', () => {});
      const [response] = (await answered) as [IncomingMessage];
      return { status: response.statusCode, headers: response.headers, body: response };
    };
    const plainly = (headers: Record<string, string>, path?: string) => over1(false, headers, path);
    const securely = (headers: Record<string, string>, path?: string) => over1(true, headers, path);
    const over2 = async (headers: Record<string, string>, path = '/'): Promise<Shown> => {
      const stream = session.request({ ':path': path, ...headers });
      const [head] = (await once(stream, 'response')) as [Record<string, unknown>];
      return { status: head[':status'], headers: head, body: stream };
    };
    return { ...backend, host, ways: [plainly, securely, over2] };
  };

  await t.test('each client gets the coding that it likes best, of those in the label', async (inner) => {
    const answer: RequestListener = (_, response) => void response.writeHead(200, html).end(page);
    const { ways } = await begin(inner, { 'proxy.compress': 'br,gzip' }, answer);
    for (const ask of ways) {
      for (const [accepted, coding] of [
        ['gzip, deflate, br, zstd', 'br'],
        ['zstd, gzip;q=0.9, br;q=0.1', 'gzip'],
        ['zstd', undefined],
      ] as const) {
        const { headers, body } = await ask({ 'accept-encoding': accepted });
        assert.deepEqual([headers['content-encoding'], headers.vary], [coding, 'Accept-Encoding']);
        assert.equal(headers.etag, coding === undefined ? '"v1"' : 'W/"v1"');
        const bytes = await buffer(body);
        if (coding === undefined) assert.equal(bytes.toString(), page);
        else assert.equal(plain(coding, bytes).toString(), page);
        assert.ok(coding === undefined || bytes.length < 2_000);
      }
    }
    // What the client was sent is what the log counts.
    await eventually('the log has it', async () => {
      const bytes = proxy.lines().map((line) => Number(line.bytes));
      return bytes.includes(page.length) && bytes.some((count) => count > 0 && count < 2_000);
    });
  });

  await t.test('sub-options say from which size on, and which types', async (inner) => {
    const sizes: Record<string, [string, string]> = {
      '/small': ['application/json', 'x'.repeat(4_095)],
      '/large': ['application/json', 'x'.repeat(4_096)],
      '/page': ['text/html', page],
    };
    const { ways } = await begin(
      inner,
      { 'proxy.compress': 'true min=4k', 'proxy.compress.types': 'application/json' },
      ({ url = '' }, response) => {
        const [type, body] = sizes[url] ?? ['text/plain', ''];
        response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
      },
    );
    for (const ask of ways) {
      const codings: unknown[] = [];
      for (const path of Object.keys(sizes)) {
        const { headers, body } = await ask({ 'accept-encoding': 'gzip' }, path);
        codings.push(headers['content-encoding']);
        await buffer(body);
      }
      assert.deepEqual(codings, [undefined, 'gzip', undefined]);
    }
  });

  await t.test('events are there before the next one is told', async (inner) => {
    let responses: ServerResponse[] = [];
    const { ways } = await begin(
      inner,
      { 'proxy.compress': 'zstd,gzip', 'proxy.compress.types': 'text/event-stream' },
      ({ url }, response) => {
        if (url === '/') return void response.end('live');
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 0\n\n');
        responses.push(response);
      },
    );
    for (const ask of ways) {
      responses = [];
      const { headers, body } = await ask({ 'accept-encoding': 'zstd' }, '/events');
      assert.equal(headers['content-encoding'], 'zstd');
      let got = Buffer.alloc(0);
      let told = 0;
      for await (const chunk of body) {
        got = Buffer.concat([got, chunk as Buffer]);
        const shown = plain('zstd', got, { whole: false }).toString();
        if (!shown.endsWith(`data: ${told}\n\n`)) continue;
        told++;
        if (told < 4) responses[0]?.write(`data: ${told}\n\n`);
        else responses[0]?.end();
      }
      assert.equal(told, 4);
    }
  });

  await t.test('a large answer arrives whole, also where it is taken bit by bit', async (inner) => {
    // Base64 of noise: a quarter of it can be saved, and the rest fills every buffer on the way.
    const large = randomBytes(6_000_000).toString('base64');
    const { ways } = await begin(inner, { 'proxy.compress': 'true' }, ({ url }, response) => {
      response.writeHead(200, html).end(url === '/' ? 'live' : large);
    });
    for (const ask of ways) {
      for (const coding of ['zstd', 'br', 'gzip']) {
        const { headers, body } = await ask({ 'accept-encoding': coding }, '/large');
        assert.equal(headers['content-encoding'], coding);
        const chunks: Buffer[] = [];
        for await (const chunk of body) {
          chunks.push(chunk as Buffer);
          if (chunks.length % 8 === 0) await turn();
        }
        assert.ok(plain(coding, Buffer.concat(chunks)).equals(Buffer.from(large)), coding);
      }
    }
  });

  await t.test('an answer that breaks off does not look whole', async (inner) => {
    const { ways } = await begin(inner, { 'proxy.compress': 'true' }, ({ url }, response) => {
      if (url === '/') return void response.end('live');
      response.writeHead(200, { ...html, 'content-length': page.length });
      response.write(page.slice(0, 50_000));
      setImmediate(() => response.destroy());
    });
    for (const ask of ways) {
      await assert.rejects(async () => {
        const { body } = await ask({ 'accept-encoding': 'br' }, '/broken');
        await buffer(body);
      });
    }
  });

  await t.test('what is kept is shown to each in its coding, and a part of it as it is', async (inner) => {
    const answer: RequestListener = (_, response) => void response.writeHead(200, html).end(page);
    const { ways, targets } = await begin(inner, { 'proxy.compress': 'true', 'proxy.cache': '10m' }, answer);
    for (const ask of ways) {
      for (const coding of ['br', 'gzip', 'zstd']) {
        const { headers, body } = await ask({ 'accept-encoding': coding }, '/page');
        assert.equal(headers['content-encoding'], coding);
        assert.equal(plain(coding, await buffer(body)).toString(), page);
      }
      const part = await ask({ 'accept-encoding': 'gzip', range: 'bytes=0-2' }, '/page');
      assert.deepEqual(
        [part.status, part.headers['content-encoding'], `${await buffer(part.body)}`],
        [206, undefined, '<p>'],
      );
      const same = await ask({ 'accept-encoding': 'gzip', 'if-none-match': 'W/"v1"' }, '/page');
      assert.deepEqual([same.status, same.headers.etag], [304, 'W/"v1"']);
      await buffer(same.body);
    }
    // Once for each scheme and port, as they stand in Host: both are part of the address.
    assert.equal(targets.filter((target) => target === '/page').length, 3);
  });

  await t.test('/explain says what becomes of a body', async (inner) => {
    const { host } = await begin(inner, { 'proxy.compress': 'true' }, (_, response) => void response.end('live'));
    const does = async (header: string) => {
      const url = `/explain?url=http://${host}/&header=${encodeURIComponent(header)}`;
      const { steps } = JSON.parse((await proxy.admin(url)).body) as { steps: { step: string; does: string }[] };
      return steps.find(({ step }) => step === 'compress')?.does;
    };
    assert.match((await does('Accept-Encoding: gzip, br')) ?? '', /^br for 1k and more of text\/\*, /);
    assert.equal(await does('Accept-Encoding: deflate'), 'nothing: the request does not ask for zstd or br or gzip');
  });
});

interface Shown {
  readonly status: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Readable;
}
