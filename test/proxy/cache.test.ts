import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import type { CachePolicy } from '../../src/routing/table.ts';
import { aDesk } from '../cache/a-desk.ts';
import { aPolicy } from '../cache/builders.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawBackend } from '../support/raw-backend.ts';
import type { RawSocket } from '../support/raw-socket.ts';
import { get, type ProxyStage, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`the cache of a route (engine ${name})`, () => cacheSuite(makeEngine));
}

interface CacheStage {
  readonly proxy: ProxyStage;
  readonly backend: RawBackend;
  readonly clock: FakeClock;
  readonly client: RawSocket;
}

async function cacheStage(
  t: TestContext,
  makeEngine: MakeEngine,
  policy: Partial<CachePolicy> = {},
): Promise<CacheStage> {
  const backend = await RawBackend.open(t);
  const clock = new FakeClock();
  const proxy = await proxyStage(t, makeEngine(), { now: () => clock.now(), cache: aDesk() });
  proxy.serve(routeTo([backend.port], { policy: { cache: aPolicy(policy) } }));
  return { proxy, backend, clock, client: await proxy.connect() };
}

const answer = (body: string, fields = 'Cache-Control: max-age=60\r\n', status = '200 OK'): string =>
  `HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;

/** Status, X-Cache-Status and body. */
async function read(client: RawSocket): Promise<string> {
  const head = await client.head();
  const status = head.slice(9, 12);
  const word = /\r\nX-Cache-Status: (\w+)/i.exec(head)?.[1] ?? '-';
  const length = Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? 0);
  return `${status} ${word} ${status === '304' ? '' : await client.bytes(length)}`;
}

async function ask(client: RawSocket, path = '/', fields = ''): Promise<string> {
  client.write(get(path, fields));
  return read(client);
}

/** The next request of a connection is answered like that. */
async function reply(upstream: RawSocket, text: string): Promise<string> {
  const head = await upstream.head();
  upstream.write(text);
  return head;
}

function cacheSuite(makeEngine: MakeEngine): void {
  it('answers from the store what it has answered before, with its age', async (t) => {
    const { backend, client, clock } = await cacheStage(t, makeEngine);
    const [first, upstream] = [ask(client), await backend.next()];
    await reply(upstream, answer('one', 'Cache-Control: max-age=60\r\nX-Own: 1\r\n'));
    assert.equal(await first, '200 MISS one');
    clock.advance(5_500);
    client.write(get());
    const head = await client.head();
    assert.match(head, /\r\nX-Own: 1\r\n/);
    assert.match(head, /\r\nAge: 5\r\n/);
    assert.match(head, /\r\nX-Cache-Status: HIT\r\n/);
    assert.match(head, /\r\nCache-Status: fairlead; hit; ttl=54\r\n/);
    assert.equal(await client.bytes(3), 'one');
  });

  it('says in the access log which backend answered, and that none did', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    client.write(get());
    let line = proxy.nextLine();
    await reply(await backend.next(), answer('one'));
    await read(client);
    const { container, cache, bytes, tries } = await line;
    assert.deepEqual([container, cache, bytes, tries], [`c${backend.port}`, 'MISS', 3, 1]);
    line = proxy.nextLine();
    await ask(client);
    const second = await line;
    assert.deepEqual([second.container, second.cache, second.bytes, second.tries], [null, 'HIT', 3, 0]);
  });

  it('keeps apart what differs in its path, its query, and what it varies on', async (t) => {
    const { backend, client } = await cacheStage(t, makeEngine);
    const fields = 'Cache-Control: max-age=60\r\nVary: X-Lang\r\n';
    const asked = async (path: string, lang: string, body: string) => {
      const got = ask(client, path, `X-Lang: ${lang}\r\n`);
      await reply(upstream, answer(body, fields));
      assert.equal(await got, `200 MISS ${body}`);
    };
    const first = ask(client, '/a', 'X-Lang: de\r\n');
    const upstream = await backend.next();
    await reply(upstream, answer('a-de', fields));
    await first;
    await asked('/a', 'en', 'a-en');
    await asked('/a?x', 'de', 'x-de');
    await asked('/b', 'de', 'b-de');
    for (const [path, lang, body] of [
      ['/a', 'de', 'a-de'],
      ['/a', 'en', 'a-en'],
      ['/a?x', 'de', 'x-de'],
      ['/b', 'de', 'b-de'],
    ] as const)
      assert.equal(await ask(client, path, `X-Lang: ${lang}\r\n`), `200 HIT ${body}`);
  });

  it('fetches once for all who ask at the same time, and they read along', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    const clients = [client, await proxy.connect(), await proxy.connect()];
    for (const one of clients) one.write(get());
    await proxy.begun(3);
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\nCache-Control: max-age=60\r\n\r\nabc');
    const words: string[] = [];
    for (const one of clients) {
      words.push(/X-Cache-Status: (\w+)/i.exec(await one.head())?.[1] ?? '');
      assert.equal(await one.bytes(3), 'abc');
    }
    assert.deepEqual(words.sort(), ['HIT', 'HIT', 'MISS']);
    const late = await proxy.connect();
    late.write(get());
    assert.match(await late.head(), /Cache-Status: fairlead; fwd=uri-miss; stored; collapsed\r\n/);
    upstream.write('def');
    for (const one of clients) assert.equal(await one.bytes(3), 'def');
    assert.equal(await late.bytes(6), 'abcdef');
    assert.equal(backend.connections.length, 1);
  });

  it('fetches once for hundreds who ask at the same time, and each has it whole', async (t) => {
    const { backend, proxy } = await cacheStage(t, makeEngine);
    const clients = await Promise.all(Array.from({ length: 300 }, () => proxy.connect()));
    for (const one of clients) one.write(get());
    await proxy.begun(300);
    const upstream = await backend.next();
    await reply(upstream, answer('x'.repeat(5_000)));
    const answers = await Promise.all(clients.map(read));
    assert.equal(answers.filter((text) => text === `200 MISS ${'x'.repeat(5_000)}`).length, 1);
    assert.equal(answers.filter((text) => text === `200 HIT ${'x'.repeat(5_000)}`).length, 299);
    assert.equal(backend.connections.length, 1);
  });

  it('fails those alone who wait for a fetch and cannot be answered, whichever turn is theirs', async (t) => {
    const policy = aPolicy();
    let served = 0;
    // Every second one meets a fault of ours.
    Object.defineProperty(policy, 'browserMs', {
      get() {
        if (served++ % 2 === 1) throw new Error('a fault of ours');
        return null;
      },
    });
    const backend = await RawBackend.open(t);
    const proxy = await proxyStage(t, makeEngine(), { cache: aDesk() });
    proxy.serve(routeTo([backend.port], { policy: { cache: policy } }));
    const clients = await Promise.all(Array.from({ length: 300 }, () => proxy.connect()));
    for (const one of clients) one.write(get());
    await proxy.begun(300);
    await reply(await backend.next(), answer('one'));
    const statuses = await Promise.all(clients.map(async (one) => (await read(one)).slice(0, 3)));
    assert.equal(statuses.filter((status) => status === '200').length, 150);
    assert.equal(statuses.filter((status) => status === '500').length, 150);
  });

  it('goes on with a fetch for those who wait when the one that began it has left', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    const other = await proxy.connect();
    client.write(get());
    await proxy.begun(1);
    other.write(get());
    await proxy.begun(2);
    const upstream = await backend.next();
    await upstream.head();
    const left = proxy.nextLine();
    client.reset();
    assert.equal((await left).status, 499);
    upstream.write(answer('one'));
    assert.equal(await read(other), '200 HIT one');
    assert.equal(await ask(other), '200 HIT one');
  });

  it('gives up a fetch that nobody waits for any more', async (t) => {
    const { backend, client } = await cacheStage(t, makeEngine);
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    client.reset();
    assert.equal(await upstream.rest(), '');
  });

  it('releases those who wait at once where the answer is not for them', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    const clients = [client, await proxy.connect(), await proxy.connect()];
    for (const one of clients) one.write(get());
    await proxy.begun(3);
    const first = await backend.next();
    await reply(first, answer('mine', 'Set-Cookie: id=1\r\nCache-Control: max-age=60\r\n'));
    const others = [await backend.next(), await backend.next()];
    for (const upstream of others) await reply(upstream, answer('none', 'Cache-Control: no-store\r\n'));
    const got = await Promise.all(clients.map(read));
    assert.deepEqual(got.sort(), ['200 MISS mine', '200 MISS none', '200 MISS none']);
  });

  it('releases those who wait at once where there is no answer', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    const other = await proxy.connect();
    client.write(get());
    await proxy.begun(1);
    other.write(get());
    await proxy.begun(2);
    const first = await backend.next();
    await first.head();
    first.reset();
    assert.match(await read(client), /^502 - \{/);
    await reply(await backend.next(), answer('one'));
    assert.equal(await read(other), '200 MISS one');
  });

  it('asks with what it has when that is no longer fresh, and updates it by a 304', async (t) => {
    const { backend, client, clock } = await cacheStage(t, makeEngine);
    const first = ask(client);
    const upstream = await backend.next();
    await reply(upstream, answer('one', 'Cache-Control: max-age=1\r\nETag: "a"\r\nX-Own: 1\r\n'));
    await first;
    clock.advance(2_000);
    client.write(get('/', 'If-None-Match: "mine"\r\n'));
    const asked = await reply(upstream, 'HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=60\r\nX-Own: 2\r\n\r\n');
    assert.match(asked, /\r\nIf-None-Match: "a"\r\n/);
    assert.doesNotMatch(asked, /mine/);
    const head = await client.head();
    assert.match(head, /^HTTP\/1.1 200 /);
    assert.match(head, /\r\nX-Own: 2\r\n/);
    assert.match(head, /\r\nX-Cache-Status: REVALIDATED\r\n/);
    assert.match(head, /\r\nCache-Status: fairlead; fwd=stale; fwd-status=304\r\n/);
    assert.equal(await client.bytes(3), 'one');
    assert.equal(await ask(client), '200 HIT one');
  });

  it('answers with the new where what it had is no longer true', async (t) => {
    const { backend, client, clock } = await cacheStage(t, makeEngine);
    const first = ask(client);
    const upstream = await backend.next();
    await reply(upstream, answer('one', 'Cache-Control: max-age=1\r\nETag: "a"\r\n'));
    await first;
    clock.advance(2_000);
    const second = ask(client);
    await reply(upstream, answer('two'));
    assert.equal(await second, '200 EXPIRED two');
    assert.equal(await ask(client), '200 HIT two');
  });

  it('answers with the old while the backend fails', async (t) => {
    const { backend, client, clock } = await cacheStage(t, makeEngine);
    const first = ask(client);
    const upstream = await backend.next();
    await reply(upstream, answer('one', 'Cache-Control: max-age=1\r\n'));
    await first;
    clock.advance(2_000);
    const second = ask(client);
    await reply(upstream, answer('broken', '', '503 Service Unavailable'));
    assert.equal(await second, '200 STALE one');
    backend.close();
    assert.equal(await ask(client), '200 STALE one');
    clock.advance(86_400_000);
    assert.match(await ask(client), /^502 - \{/);
  });

  it('holds nobody for a backend where an old answer may stand in, and whoever else is held is let go together', async (t) => {
    const { backend, client, clock, proxy } = await cacheStage(t, makeEngine);
    const first = ask(client);
    await reply(await backend.next(), answer('one', 'Cache-Control: max-age=1\r\n'));
    await first;
    clock.advance(2_000);
    const policy = { cache: aPolicy(), waitMs: 60_000 };
    const starting = routeTo([backend.port], { policy, backends: { state: 'starting' } });
    proxy.serve(starting);
    assert.equal(await ask(client), '200 STALE one');
    const others = [await proxy.connect(), await proxy.connect()];
    for (const other of others) other.write(get('/other'));
    await proxy.begun(4);
    proxy.serve(routeTo([backend.port], { policy }));
    await reply(await backend.next(), answer('other'));
    assert.deepEqual((await Promise.all(others.map(read))).sort(), ['200 HIT other', '200 MISS other']);
  });

  it('answers with the old while it fetches the new, once', async (t) => {
    const { backend, client, clock, proxy } = await cacheStage(t, makeEngine, { staleWhileRevalidateMs: 60_000 });
    const first = ask(client);
    const upstream = await backend.next();
    await reply(upstream, answer('one', 'Cache-Control: max-age=1\r\n'));
    await first;
    clock.advance(2_000);
    assert.equal(await ask(client), '200 STALE one');
    assert.equal(await ask(client), '200 UPDATING one');
    const other = await proxy.connect();
    assert.equal(await ask(other), '200 UPDATING one');
    await reply(upstream, answer('two'));
    // Behind the new one on the same connection to the backend.
    const third = ask(client, '/third');
    await reply(upstream, answer('three'));
    await third;
    assert.equal(await ask(client), '200 HIT two');
  });

  it('forgets what a change has made void, also at the address that the answer names', async (t) => {
    const { backend, client } = await cacheStage(t, makeEngine);
    const fill = async (path: string, body: string) => {
      const got = ask(client, path);
      await reply(upstream, answer(body));
      assert.equal(await got, `200 MISS ${body}`);
    };
    const first = ask(client, '/a');
    const upstream = await backend.next();
    await reply(upstream, answer('a'));
    await first;
    await fill('/b', 'b');
    await fill('/c', 'c');
    client.write('POST /a HTTP/1.1\r\nHost: app.test\r\nContent-Length: 1\r\n\r\nx');
    await upstream.head();
    await upstream.bytes(1);
    upstream.write(answer('done', 'Location: /b\r\n', '201 Created'));
    assert.equal(await read(client), '201 BYPASS done');
    await fill('/a', 'A');
    await fill('/b', 'B');
    assert.equal(await ask(client, '/c'), '200 HIT c');
    client.write('DELETE /c HTTP/1.1\r\nHost: app.test\r\n\r\n');
    await reply(upstream, answer('no', '', '500 Oops'));
    assert.equal(await read(client), '500 BYPASS no');
    assert.equal(await ask(client, '/c'), '200 HIT c');
  });

  it('does not keep an answer that a change has overtaken', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    const other = await proxy.connect();
    other.write('POST / HTTP/1.1\r\nHost: app.test\r\nContent-Length: 0\r\n\r\n');
    await reply(await backend.next(), answer('done', 'Connection: close\r\n'));
    await read(other);
    upstream.write(answer('old', 'Cache-Control: max-age=60\r\nConnection: close\r\n'));
    assert.equal(await read(client), '200 MISS old');
    const again = ask(client);
    await reply(await backend.next(), answer('new'));
    assert.equal(await again, '200 MISS new');
  });

  it('answers HEAD, ranges and conditions from a stored whole', async (t) => {
    const { backend, client } = await cacheStage(t, makeEngine);
    const first = ask(client);
    await reply(await backend.next(), answer('0123456789', 'Cache-Control: max-age=60\r\nETag: "a"\r\n'));
    await first;
    assert.equal(await ask(client, '/', 'Range: bytes=2-4\r\n'), '206 HIT 234');
    assert.equal(await ask(client, '/', 'Range: bytes=-2\r\n'), '206 HIT 89');
    assert.equal(await ask(client, '/', 'Range: bytes=10-\r\n'), '416 HIT ');
    assert.equal(await ask(client, '/', 'If-None-Match: "a"\r\n'), '304 HIT ');
    client.write('HEAD / HTTP/1.1\r\nHost: app.test\r\n\r\n');
    assert.match(await client.head(), /\r\nContent-Length: 10\r\n/);
    assert.equal(await ask(client), '200 HIT 0123456789');
  });

  it('goes past for who meets a bypass, and keeps nothing of it', async (t) => {
    const { backend, client } = await cacheStage(t, makeEngine, {
      bypass: [{ kind: 'cookie', name: 'session', value: null }],
    });
    const first = ask(client, '/', 'Cookie: session=1\r\n');
    const upstream = await backend.next();
    await reply(upstream, answer('mine'));
    assert.equal(await first, '200 BYPASS mine');
    const second = ask(client);
    await reply(upstream, answer('all'));
    assert.equal(await second, '200 MISS all');
    const third = ask(client, '/', 'Cookie: session=1\r\n');
    await reply(upstream, answer('mine'));
    assert.equal(await third, '200 BYPASS mine');
  });

  it('gives a cookie to the one it is for, though the page is kept by force', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine, { force: true, ttlMs: 60_000 });
    const other = await proxy.connect();
    client.write(get());
    await proxy.begun(1);
    other.write(get());
    await proxy.begun(2);
    await reply(await backend.next(), answer('one', 'Set-Cookie: id=1\r\nCache-Control: private\r\n'));
    assert.match(await client.head(), /\r\nSet-Cookie: id=1\r\n/);
    assert.doesNotMatch(await other.head(), /Set-Cookie/);
    await client.bytes(3);
    client.write(get());
    assert.doesNotMatch(await client.head(), /Set-Cookie/);
  });

  it('puts the headers of the route on what is stored', async (t) => {
    const { backend, proxy, client } = await cacheStage(t, makeEngine);
    const route = routeTo([backend.port], {
      policy: { cache: aPolicy(), responseHeaders: [{ name: 'X-Seen', value: '{request_id}', how: 'set' }] },
    });
    proxy.serve(route);
    client.write(get());
    await reply(await backend.next(), answer('one'));
    const seen = (head: string) => /X-Seen: (\w+)/.exec(head)?.[1] ?? '';
    const first = seen(await client.head());
    await client.bytes(3);
    client.write(get());
    const second = seen(await client.head());
    assert.match(first, /^[0-9a-f]{32}$/);
    assert.match(second, /^[0-9a-f]{32}$/);
    assert.notEqual(first, second);
  });

  it('says 504 to who takes only what is stored', async (t) => {
    const { client } = await cacheStage(t, makeEngine);
    assert.match(await ask(client, '/', 'Cache-Control: only-if-cached\r\n'), /^504 - \{.*not-cached/);
  });

  it('passes on a body that it cannot keep, at the pace of the one who reads it', async (t) => {
    const { backend, client } = await cacheStage(t, makeEngine, { bodyBytesMax: 100_000 });
    client.write(get());
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nCache-Control: max-age=60\r\n\r\n');
    const chunk = 'x'.repeat(50_000);
    for (let i = 0; i < 40; i++) upstream.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    upstream.write('0\r\n\r\n');
    await client.head();
    const body = await client.until('\r\n0\r\n\r\n');
    assert.equal(body.replace(/[^x]/g, '').length, 2_000_000);
    client.write(get());
    await reply(upstream, answer('next'));
    assert.equal(await read(client), '200 MISS next');
  });

  it('cuts what is cut', async (t) => {
    const { backend, client, proxy } = await cacheStage(t, makeEngine);
    const other = await proxy.connect();
    client.write(get());
    await proxy.begun(1);
    other.write(get());
    await proxy.begun(2);
    const upstream = await backend.next();
    await upstream.head();
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\nCache-Control: max-age=60\r\n\r\nabc');
    await client.head();
    await other.head();
    await client.bytes(3);
    upstream.reset();
    assert.equal(await client.rest(), '');
    assert.equal(await other.rest(), 'abc');
    const again = await proxy.connect();
    again.write(get());
    await reply(await backend.next(), answer('one'));
    assert.equal(await read(again), '200 MISS one');
  });
}
