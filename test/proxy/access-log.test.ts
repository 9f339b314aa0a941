import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFormat } from '../../src/labels/options.ts';
import { AccessLog } from '../../src/proxy/access-log.ts';
import type { Journey } from '../../src/proxy/journey.ts';
import { fc } from '../support/properties.ts';

/** What is written of a journey, each line behind the name of its file, which is empty for the log of the proxy. */
function written(about: Record<string, unknown>, format?: LogFormat, { isOff = false } = {}): string {
  const lines: string[] = [];
  const journey = {
    exchange: { request: { version: '1.1' } },
    requester: { logged: '"client":"203.0.113.9"' },
    client: { address: '203.0.113.9' },
    ...{ requestId: 'id', method: 'GET', target: '/', status: 200, responseBytes: 0 },
    ...{ live: null, peer: null, trace: null, user: null, limit: null, cacheWord: null, reason: null },
    ...{ startedMs: 0, upstreamMs: null, waitMs: 0, tries: 0 },
    ...about,
  } as unknown as Journey;
  const write = isOff ? null : (line: string) => lines.push(line);
  new AccessLog(
    { write, writeTo: (file, line) => lines.push(`${file}: ${line}`) },
    () => 1_800_000_000_007,
    format,
  ).write(journey, 1.23456);
  return lines.join('');
}

const route = (policy: Record<string, unknown>) => ({ route: { id: 'a/', policy } });
const served = {
  target: '/a?x=1',
  responseBytes: 12,
  upstreamMs: 12.3,
  cacheWord: 'MISS',
  user: 'ann',
  userAgent: 'a "browser"',
  referer: 'https://other.test/?token=1',
  peer: { container: 'app-1', shown: '172.17.0.2:3000' },
};
const combined =
  '203.0.113.9 - ann [15/Jan/2027:08:00:00 +0000] "GET /a?x=1 HTTP/1.1" 200 12 "https://other.test/?token=***" "a \\x22browser\\x22"';

test('whatever a client sends, its line is one line of JSON that says it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (userAgent, path) => {
      const target = path.replaceAll('=', '');
      const text = written({ userAgent, target });
      assert.match(text, /^[ -~]*\n$/);
      const read = JSON.parse(text) as Record<string, unknown>;
      assert.equal(read.userAgent, userAgent);
      assert.equal(read.target, target);
      assert.equal(read.time, '2027-01-15T08:00:00.007Z');
      assert.equal(read.totalMs, 1.235);
    }),
  );
});

test('JSON has the id of the trace where there is one', () => {
  assert.equal(JSON.parse(written({ trace: { traceId: 'a'.repeat(32) } })).traceId, 'a'.repeat(32));
  assert.doesNotMatch(written({}), /traceId/);
});

test('a route can keep its requests out of the log, all or those that went well', () => {
  const of = (accessLog: unknown, status: number): string => written({ status, live: route({ accessLog }) });
  assert.equal(of('off', 500), '');
  assert.equal(of('errors', 200), '');
  assert.match(of('errors', 502), /"status":502/);
  assert.equal(of(0, 200), '');
  assert.match(of(1, 200), /"route":"a\/"/);
});

test('combined is what nginx writes, and proxy has container, seconds and cache behind it', () => {
  assert.equal(written(served, 'combined'), `${combined}\n`);
  assert.equal(written(served, 'proxy'), `${combined} upstream: 172.17.0.2:3000 response_time: 0.012 cache: MISS\n`);
  assert.equal(
    written({ exchange: { request: { version: '2' } } }, 'proxy'),
    '203.0.113.9 - - [15/Jan/2027:08:00:00 +0000] "GET / HTTP/2.0" 200 0 "-" "-" upstream: - response_time: - cache: -\n',
  );
});

test('JSON says who signed in, what the limit decided, and hides secrets of addresses', () => {
  const line = JSON.parse(written({ ...served, limit: 'delayed', target: '/?code=1&x=2' })) as Record<string, unknown>;
  assert.deepEqual(
    [line.user, line.limit, line.target, line.referer],
    ['ann', 'delayed', '/?code=***&x=2', 'https://other.test/?token=***'],
  );
});

test('the format of a route beats that of the proxy, and its file takes its lines, also where the proxy has no log', () => {
  const live = route({ accessLog: 'on', logFormat: 'combined', logFile: 'app.log' });
  assert.equal(written({ ...served, live }), `app.log: ${combined}\n`);
  assert.equal(written({ ...served, live }, 'json', { isOff: true }), `app.log: ${combined}\n`);
  assert.equal(written(served, 'json', { isOff: true }), '');
  assert.equal(written({ live: route({ accessLog: 'off', logFile: 'app.log' }) }), '');
});

test('no client forges a line or a field of the formats of nginx', () => {
  const quoted =
    /^203\.0\.113\.9 - \S+ \[[^\]]+\] "GET [^"]* HTTP\/1\.1" 200 0 "[^"]*" "[^"]*" upstream: - response_time: - cache: -\n$/;
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary', minLength: 1 }),
      (userAgent, referer, user) => {
        const line = written({ userAgent, referer, user, target: `/${referer}` }, 'proxy');
        assert.match(line, quoted);
        assert.match(line, /^[ -~]*\n$/);
      },
    ),
  );
});
