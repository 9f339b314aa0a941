import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createH1Engine } from '../../src/engine/h1/engine.ts';
import { createNodeEngine } from '../../src/engine/node/engine.ts';
import { readRewrite } from '../../src/labels/rewrite-text.ts';
import type { RoutePolicy } from '../../src/routing/table.ts';
import { aPolicy } from '../cache/builders.ts';
import type { MakeEngine } from '../engine/support/stage.ts';
import { RawBackend } from '../support/raw-backend.ts';
import { get, ok, proxyStage, routeTo } from './proxy-stage.ts';

for (const [name, makeEngine] of [
  ['node', createNodeEngine],
  ['h1', createH1Engine],
] as const) {
  describe(`a request whose path is rewritten (engine ${name})`, () => rewriteSuite(makeEngine));
}

function rewriting(label: string, policy: Partial<RoutePolicy> = {}) {
  return { policy: { ...policy, rewrite: readRewrite(label, 'proxy.rewrite').value ?? null } };
}

function rewriteSuite(makeEngine: MakeEngine): void {
  it('reaches the backend under another path, and the log under its own', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting('^/old/(.*) -> /new/$1')));
    const client = await stage.connect();
    const line = stage.nextLine();
    client.write(get('/old/a%20b?c=d'));
    const upstream = await backend.next();
    assert.match(await upstream.head(), /^GET \/new\/a%20b\?c=d HTTP\/1.1\r\n/);
    upstream.write(ok);
    assert.match(await client.head(), /^HTTP\/1.1 200 /);
    assert.equal((await line).target, '/old/a%20b?c=d');
  });

  it('is rewritten once its prefix has been stripped, which the backend is told', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting('^/v1/ -> /v2/', { strip: '/api' })));
    const client = await stage.connect();
    client.write(get('/api/v1/x'));
    assert.match(await (await backend.next()).head(), /^GET \/v2\/x HTTP[\s\S]*\r\nX-Forwarded-Prefix: \/api\r\n/);
  });

  it('is stored under the address that the client asked for', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting('/index.php', { cache: aPolicy() })));
    const client = await stage.connect();
    const ask = async (path: string) => {
      client.write(get(path));
      const head = await client.head();
      await client.bytes(1);
      return /\r\nX-Cache-Status: (\w+)/.exec(head)?.[1];
    };
    const first = ask('/a');
    const upstream = await backend.next();
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nCache-Control: max-age=60\r\n\r\n';
    assert.match(await upstream.head(), /^GET \/index.php HTTP/);
    upstream.write(`${answer}a`);
    assert.equal(await first, 'MISS');
    const second = ask('/b');
    assert.match(await upstream.head(), /^GET \/index.php HTTP/);
    upstream.write(`${answer}b`);
    assert.equal(await second, 'MISS');
    assert.equal(await ask('/a'), 'HIT');
  });

  it('to upgrade is rewritten like any other', async (t) => {
    const backend = await RawBackend.open(t);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting('^/ws -> /socket')));
    const client = await stage.connect();
    client.write(get('/ws?a=b', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
    assert.match(await (await backend.next()).head(), /^GET \/socket\?a=b HTTP/);
  });

  it('goes nowhere where what comes of it is no path, and keeps its connection', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting('^/(..)(.*) -> /$2/$1')));
    const client = await stage.connect();
    const ask = async (path: string) => {
      client.write(get(path));
      const head = await client.head();
      await client.bytes(Number(/Content-Length: (\d+)/.exec(head)?.[1]));
      return head;
    };
    assert.match(await ask('/%2Fa'), /^HTTP\/1.1 400 [\s\S]*details=bad-request/);
    assert.equal(backend.connections.length, 0);
    assert.match(await ask('/ab/c'), /^HTTP\/1.1 200 /);
  });

  it('that would grow without end is 414', async (t) => {
    const backend = (await RawBackend.open(t)).always(ok);
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting(`^/(.*)$ -> /${'$1'.repeat(50)}`)));
    const client = await stage.connect();
    client.write(get(`/${'a'.repeat(1_000)}`));
    assert.match(await client.head(), /^HTTP\/1.1 414 [\s\S]*details=uri-too-long/);
    assert.equal(backend.connections.length, 0);
  });

  it('has a redirect of its backend passed on as it is', async (t) => {
    const backend = (await RawBackend.open(t)).always(
      'HTTP/1.1 302 Found\r\nLocation: /new/b\r\nContent-Length: 0\r\n\r\n',
    );
    const stage = await proxyStage(t, makeEngine());
    stage.serve(routeTo([backend.port], rewriting('^/old/(.*) -> /new/$1')));
    const client = await stage.connect();
    client.write(get('/old/a'));
    assert.match(await client.head(), /\r\nLocation: \/new\/b\r\n/);
  });
}
